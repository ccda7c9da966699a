import type { DecidedRoot, RootFacts } from './decide-root.ts';
import { decideRoot, describe } from './decide-root.ts';
import type { Scenario } from './scenarios.ts';

/** All that the recovery plan is computed from; looked up by `planRecovery`, judged here (runbook Phase 2). */
export interface RecoveryFacts {
  readonly scenario: Scenario;
  readonly roots: readonly RootFacts[];
  readonly repository: RepositoryFacts;
  readonly stable: StableFacts;
  /** Containers of the experiment that use data: they go on when only the data go back. */
  readonly experiment?: readonly Pick<StableContainerFacts, 'id' | 'alive' | 'roots'>[];
}

export interface RepositoryFacts {
  readonly commit: string;
  readonly ref: string;
  readonly head: string;
  readonly operation: string | null;
  /** Paths outside data roots that are not as in the commit. */
  readonly differing: number;
  /** Bytes of the working files that would be replaced or moved aside. */
  readonly bytes: number;
  /** Why the repository must not be touched. */
  readonly refusals: readonly string[];
}

export interface StableFacts {
  readonly containers: readonly StableContainerFacts[];
  /** Services without a container. */
  readonly missing: readonly string[];
  readonly drift: readonly StableDrift[];
  /** Image ids of the checkpoint by service; none without one. */
  readonly pins: Readonly<Record<string, string>>;
  /** `always`: the runbook's letter, an emergency stops a healthy stable system too (design §4.2). */
  readonly stopInEmergency: 'when-needed' | 'always';
}

export interface StableContainerFacts {
  readonly id: string;
  readonly service: string;
  /** Running, paused or restarting: it may write. */
  readonly alive: boolean;
  readonly running: boolean;
  /** Data roots that its mounts cover. */
  readonly roots: readonly string[];
  /** Whether its mounts cover a path that the return to the checkpoint changes. */
  readonly usesChangedFiles: boolean;
}

export interface StableDrift {
  readonly service: string;
  readonly what: 'image' | 'configuration' | 'missing';
  readonly reason: string;
}

export interface Recovery {
  readonly roots: readonly DecidedRoot[];
  readonly steps: readonly RecoveryStep[];
  readonly discards: readonly RecoveryDiscard[];
  readonly questions: readonly { readonly root: string; readonly why: string }[];
  readonly conflicts: readonly string[];
  readonly stopForData: readonly string[];
  readonly recreate: readonly { readonly service: string; readonly image: string; readonly reason: string }[];
  readonly repository: { readonly returns: boolean; readonly reason: string };
}

export interface RecoveryStep {
  readonly step:
    | 'makeSafetyCopy'
    | 'stopDataUsers'
    | 'returnToCheckpoint'
    | 'restoreData'
    | 'verifyData'
    | 'startStableOnPins'
    | 'startDataUsers';
  readonly root?: string;
  readonly destroys: boolean;
  readonly title: string;
  readonly reason: string;
}

export interface RecoveryDiscard {
  readonly what: string;
  readonly files: number;
  readonly bytes: number;
  readonly changedSince: string | null;
  /** Within the rollback's folder, so that a forecast and the plan it foresaw are the same plan. */
  readonly keptAt: string;
}

/** The recovery plan: only what there is to do, in order, each with its reason. Pure. */
export function decideRecovery(facts: RecoveryFacts): Recovery {
  const decided = facts.roots.map((root) => decideRoot(facts.scenario, root));
  const roots = decided.map(({ decision }) => decision);
  const putBack = roots.filter((root) => root.action === 'put-back');
  const dataOnly = facts.scenario === 'data-migration';
  const repository = dataOnly ? leftAlone : decideRepository(facts.repository);
  const recreate = dataOnly ? [] : recreated(facts.stable);
  const stopForData = stopped(facts, { putBack, returns: repository.returns });
  const start = reasonToStart(facts, { stopForData, recreate });
  return {
    roots,
    steps: stepsOf({ facts, putBack, repository, stopForData, start }),
    discards: discardsOf(facts, putBack, repository.returns),
    questions: roots
      .filter((root) => root.action === 'ask')
      .map(({ root, reasons }) => ({ root, why: reasons.join('; ') })),
    conflicts: [
      ...(dataOnly ? [] : facts.repository.refusals).map((refusal) => `repository: ${refusal}`),
      ...decided.flatMap(({ conflicts }) => conflicts),
    ],
    stopForData,
    recreate,
    repository,
  };
}

const leftAlone = { returns: false, reason: 'only data go back; it is left as it is' } as const;

/** Runbook 2.2 "if needed": needed when HEAD or a file outside the data roots is not as in the checkpoint. */
function decideRepository(facts: RepositoryFacts): Recovery['repository'] {
  const { head, commit, ref, operation, differing, refusals } = facts;
  if (refusals.length > 0) return { returns: false, reason: `it is left alone: ${refusals.join('; ')}` };
  const reasons = [
    ...(head === commit ? [] : [`HEAD is at ${head.slice(0, 12)}, not at ${ref} (${commit.slice(0, 12)})`]),
    ...(operation === null ? [] : [`a ${operation} is in progress`]),
    ...(differing === 0 ? [] : [`${differing} path(s) outside the data roots differ from the checkpoint`]),
  ];
  if (reasons.length === 0) return { returns: false, reason: 'it is as in the checkpoint' };
  return { returns: true, reason: reasons.join('; ') };
}

/** Only image, configuration or absence demand a new container (design §4.2). */
function recreated({ drift, missing, pins }: StableFacts): Recovery['recreate'] {
  const absent = missing
    .filter((service) => !drift.some((one) => one.service === service))
    .map((service) => ({ service, reason: 'it has no container' }));
  const byService = new Map<string, string[]>();
  for (const { service, reason } of [...drift, ...absent]) {
    byService.set(service, [...(byService.get(service) ?? []), reason]);
  }
  return [...byService].map(([service, reasons]) => ({
    service,
    // No pin known: compose takes what its file names.
    image: pins[service] ?? '',
    reason: reasons.join('; '),
  }));
}

/** Whoever could write to what is put back, and whoever reads a file that changes under it (facts: mounts pin inodes). */
function stopped(
  { stable, scenario, experiment = [] }: RecoveryFacts,
  plan: { readonly putBack: readonly DecidedRoot[]; readonly returns: boolean },
): readonly string[] {
  const always = scenario === 'emergency' && stable.stopInEmergency === 'always';
  const data = plan.putBack.map(({ root }) => root);
  const others = scenario === 'data-migration' ? experiment : [];
  const alsoStopped = others.filter(({ alive, roots }) => alive && roots.some((root) => data.includes(root)));
  const ofStable = stable.containers
    .filter(({ alive }) => alive)
    .filter(({ roots, usesChangedFiles }) => {
      const usesData = plan.putBack.some(({ root }) => roots.includes(root));
      return always || usesData || (plan.returns && usesChangedFiles);
    });
  return [...ofStable, ...alsoStopped].map(({ id }) => id);
}

/** A healthy stable system that needs no change is not touched (design §4.2). */
function reasonToStart(
  { stable, scenario }: RecoveryFacts,
  plan: { readonly stopForData: readonly string[]; readonly recreate: Recovery['recreate'] },
): string | null {
  if (scenario === 'data-migration') {
    return plan.stopForData.length === 0 ? null : `${plan.stopForData.length} container(s) were stopped for the swap`;
  }
  const idle = stable.containers.filter(({ running }) => !running).map(({ service }) => service);
  const reasons = [
    ...(plan.recreate.length === 0
      ? []
      : [plan.recreate.map(({ service, reason }) => `${service}: ${reason}`).join('; ')]),
    ...(plan.stopForData.length === 0 ? [] : [`${plan.stopForData.length} container(s) were stopped for the restore`]),
    ...(idle.length === 0 ? [] : [`not running: ${idle.join(', ')}`]),
  ];
  return reasons.length === 0 ? null : reasons.join('; ');
}

function stepsOf(plan: {
  readonly facts: RecoveryFacts;
  readonly putBack: readonly DecidedRoot[];
  readonly repository: Recovery['repository'];
  readonly stopForData: readonly string[];
  readonly start: string | null;
}): readonly RecoveryStep[] {
  const { facts, putBack, repository, stopForData, start } = plan;
  const roots = putBack.map(({ root }) => root);
  const changes = [...(repository.returns ? ['the repository'] : []), ...roots];
  const steps: (RecoveryStep | null)[] = [
    changes.length === 0
      ? null
      : step('makeSafetyCopy', 'Make and verify the safety copy', `before ${changes.join(', ')} change`),
    stopForData.length === 0
      ? null
      : step('stopDataUsers', 'Stop what uses the data', `${stopForData.length} container(s) use what changes`),
    !repository.returns
      ? null
      : {
          ...step('returnToCheckpoint', `Return the repository to ${facts.repository.ref}`, repository.reason),
          destroys: facts.repository.differing > 0,
        },
    ...putBack.map(({ root, source, reasons }) => ({
      ...step('restoreData', `Put ${root} back from ${sourceWords[source ?? 'checkpoint']}`, reasons.join('; ')),
      root,
      destroys: true,
    })),
    roots.length === 0 ? null : step('verifyData', 'Verify the data that were put back', roots.join(', ')),
    start === null ? null : starts(facts, start),
  ];
  return steps.filter((each) => each !== null);
}

function starts({ scenario }: RecoveryFacts, why: string): RecoveryStep {
  return scenario === 'data-migration'
    ? step('startDataUsers', 'Start the same containers again', why)
    : step('startStableOnPins', 'Start the stable system on the images of the checkpoint', why);
}

const sourceWords = {
  checkpoint: 'the copy of the checkpoint',
  git: 'git',
  backup: 'its backup files',
} as const;

function step(name: RecoveryStep['step'], title: string, reason: string): RecoveryStep {
  return { step: name, destroys: false, title, reason };
}

/** What would be taken back, with where it is kept (design §4.4). */
function discardsOf(
  facts: RecoveryFacts,
  putBack: readonly DecidedRoot[],
  returns: boolean,
): readonly RecoveryDiscard[] {
  const { differing, bytes } = facts.repository;
  const files =
    returns && differing > 0
      ? [
          {
            what: 'files of the repository outside the data roots',
            files: differing,
            bytes,
            changedSince: null,
            keptAt: 'safety/git',
          },
        ]
      : [];
  const data = putBack.map(({ root }) => {
    const changes = facts.roots.find((one) => one.root === root)?.changes ?? null;
    return {
      what: changes === null ? `data root ${root}, not compared` : `data root ${root}: ${describe(changes)}`,
      files: changes === null ? 0 : changes.differing + changes.extra,
      bytes: changes?.bytes ?? 0,
      changedSince: changes?.changedSince ?? null,
      keptAt: `safety/data/${root}`,
    };
  });
  return [...files, ...data];
}
