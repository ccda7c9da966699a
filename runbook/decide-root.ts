import type { Scenario } from './scenarios.ts';

/** What the target says of a data root (design §4.4). */
export const restorePolicies = ['when-corrupt', 'always', 'never', 'ask'] as const;

export type RestorePolicy = (typeof restorePolicies)[number];

/** In the order in which they are used (design §4.5). */
export const restoreSources = ['checkpoint', 'git', 'backup'] as const;

/** What is known of one data root when the plan is made. */
export interface RootFacts {
  readonly root: string;
  readonly policy: RestorePolicy;
  /** `unchecked`: nobody looked, as in an emergency. */
  readonly integrity: 'sound' | 'corrupt' | 'unknown' | 'unchecked';
  readonly integrityReasons: readonly string[];
  /** Against the checkpoint's manifest; null where there is none to compare with. */
  readonly changes: RootChanges | null;
  /** Sources that are there and usable. */
  readonly sources: readonly (typeof restoreSources)[number][];
  /** Where two sources say different things of the same file, in words. */
  readonly disagreements: readonly string[];
  /** What the operator said about this root. */
  readonly choice: 'put-back' | 'leave' | null;
  /** An earlier attempt of this rollback began to put it back and did not end: half of it is the checkpoint's. */
  readonly begun?: boolean;
  /** The migration that is taken back changes it. */
  readonly migrated?: boolean;
}

export interface RootChanges {
  readonly differing: number;
  readonly missing: number;
  readonly extra: number;
  /** Bytes of what would be replaced or moved aside. */
  readonly bytes: number;
  readonly changedSince: string | null;
}

export interface DecidedRoot {
  readonly root: string;
  readonly action: 'put-back' | 'leave' | 'ask';
  readonly source: (typeof restoreSources)[number] | null;
  readonly reasons: readonly string[];
}

export interface RootDecided {
  readonly decision: DecidedRoot;
  /** What the operator has to know before it is carried out: sources that disagree, or a wish that cannot be met. */
  readonly conflicts: readonly string[];
}

/**
 * Whether one data root goes back, and why (runbook 2.1–2.3; design §4.4–4.5). Changed is not corrupt: data that differ
 * from the checkpoint are normal life. Nothing is put back that has no source, whatever anybody wishes.
 */
export function decideRoot(scenario: Scenario, facts: RootFacts): RootDecided {
  const { root, disagreements } = facts;
  const { action, reasons } = wish(scenario, facts);
  if (action === 'leave') return { decision: { root, action, source: null, reasons }, conflicts: [] };
  const source = restoreSources.find((each) => facts.sources.includes(each));
  if (source === undefined) {
    const all = [...reasons, 'there is nothing to put it back from: no checkpoint copy, git or backup'];
    return {
      decision: { root, action: 'leave', source: null, reasons: all },
      conflicts: [`${root} stays as it is: ${all.join('; ')}`],
    };
  }
  const conflicts = disagreements.map((text) => `${root}: ${text}`);
  if (action === 'put-back' && facts.choice === null && facts.begun !== true && disagreements.length > 0) {
    const all = [...reasons, `its sources disagree: ${disagreements.join('; ')}`];
    return { decision: { root, action: 'ask', source, reasons: all }, conflicts };
  }
  return { decision: { root, action, source, reasons }, conflicts };
}

interface Wish {
  readonly action: DecidedRoot['action'];
  readonly reasons: readonly string[];
}

function wish(scenario: Scenario, facts: RootFacts): Wish {
  const { choice, policy, changes } = facts;
  if (choice === 'leave') return { action: 'leave', reasons: ['the operator chose to leave it'] };
  if (choice === 'put-back') return { action: 'put-back', reasons: ['the operator chose to put it back'] };
  if (facts.begun === true) return { action: 'put-back', reasons: ['its restore was begun and has to be finished'] };
  if (scenario === 'emergency') return inEmergency(policy);
  if (changes !== null && isEqual(changes) && facts.integrity !== 'corrupt') {
    return { action: 'leave', reasons: ['it is as in the checkpoint'] };
  }
  if (scenario === 'data-migration' && facts.migrated !== true) {
    return { action: 'leave', reasons: ['it is no data of the migration'] };
  }
  switch (policy) {
    case 'never':
      return { action: 'leave', reasons: ['its policy is never', ...judgement(facts)] };
    case 'ask':
      return { action: 'ask', reasons: ['its policy is ask', ...judgement(facts)] };
    case 'always':
      if (scenario === 'data-migration') return undoneMigration(facts);
      return byScenario(scenario, facts, ['its policy is always']);
    case 'when-corrupt':
      if (scenario === 'data-migration') return undoneMigration(facts);
      return byScenario(scenario, facts, []);
  }
}

/** The emergency path has no time to judge data: what must always go back goes, the rest is listed as unchecked. */
function inEmergency(policy: RestorePolicy): Wish {
  if (policy === 'always') return { action: 'put-back', reasons: ['its policy is always'] };
  return { action: 'leave', reasons: [`it was not checked in an emergency and its policy is ${policy}`] };
}

/** That the migration went wrong is why somebody rolls it back: what it changed goes back, be it sound or not. */
function undoneMigration(facts: RootFacts): Wish {
  return { action: 'put-back', reasons: ['the migration changed it', ...judgement(facts)] };
}

function byScenario(scenario: Scenario, facts: RootFacts, because: readonly string[]): Wish {
  const said = judgement(facts);
  if (facts.integrity === 'corrupt') return { action: 'put-back', reasons: [...because, ...said] };
  if (scenario !== 'data-corruption') {
    // Service disruption and performance issues say nothing about the data: without proof they stay (design §4.4).
    return { action: 'leave', reasons: [...because, ...said, `${scenario} puts no data back without proof`] };
  }
  if (because.length > 0) return { action: 'put-back', reasons: [...because, ...said] };
  if (facts.integrity === 'sound') return { action: 'leave', reasons: said };
  return { action: 'ask', reasons: said };
}

function judgement({ integrity, integrityReasons, changes }: RootFacts): readonly string[] {
  switch (integrity) {
    case 'corrupt':
      return [`it is corrupt: ${integrityReasons.join('; ')}`];
    case 'sound':
      return [`it is sound${changes === null ? '' : `; ${describe(changes)}, and changed is not corrupt`}`];
    case 'unknown':
      return [`it could not be judged: ${integrityReasons.join('; ')}`];
    case 'unchecked':
      return ['it was not checked'];
  }
}

function isEqual({ differing, missing, extra }: RootChanges): boolean {
  return differing + missing + extra === 0;
}

export function describe({ differing, missing, extra }: RootChanges): string {
  return `${differing} differ, ${missing} are missing, ${extra} are new since the checkpoint`;
}
