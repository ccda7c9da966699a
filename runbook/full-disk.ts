import { rowOf, type StepName } from './steps.ts';

/**
 * What a full disk changes: part of the incident, since an experiment that fills it is one that has to go. Written once;
 * evidence, safety copy, kernel, client and doctor read it. Pure.
 */

const mebibyte = 1024 * 1024;

/** Less than this free in the state folder, and an emergency contains before it asks anything of the disk. */
export const lowWaterBytes = 32 * mebibyte;

/** Evidence leaves this much to journal, plans and the server's database. */
export const clearBytes = 16 * mebibyte;

const ballast = { mostBytes: 64 * mebibyte, leastBytes: 8 * mebibyte, partOfFree: 8 } as const;

/** How large the ballast of a state folder is. @returns null where there is too little room for one that would help */
export function ballastBytes(freeBytes: number): number | null {
  const bytes = Math.min(ballast.mostBytes, Math.floor(freeBytes / ballast.partOfFree));
  return bytes < ballast.leastBytes ? null : bytes;
}

/** The rungs, in the order in which they are tried. */
export type Rung =
  /** Evidence gets a share of what is free; what does not fit stays where it is, in containers that are kept. */
  | 'less-evidence'
  /** Data that go back are recorded and moved aside on their own disk, instead of being copied first. */
  | 'move-aside'
  /** The space kept in reserve is given up, and the step tried again. */
  | 'free-ballast'
  /** Journal and fence are kept in memory until there is space: to stop and to serve need none. */
  | 'in-memory'
  /** A person frees space, or decides. */
  | 'ask';

const evidence: readonly StepName[] = [
  'captureLiveLogs',
  'captureContainerState',
  'captureGitState',
  'captureFinalLogs',
  'captureDefinitions',
  'recordStableState',
  'archiveEvidence',
];

/** They act by container id and look at the world first: what a journal would tell them they see. */
const withoutSpace: readonly StepName[] = [
  'containExperiment',
  'stopExperiment',
  'verifyExperimentStopped',
  'startStable',
  'awaitStableHealth',
];

/** What a step does when its disk is full, in this order. The ballast is not for evidence. */
export function rungsOf(step: StepName): readonly Rung[] {
  if (evidence.includes(step))
    return rowOf(step).exhausted === 'continue' ? ['less-evidence'] : ['less-evidence', 'ask'];
  if (withoutSpace.includes(step)) return ['free-ballast', 'in-memory'];
  if (step === 'makeSafetyCopy') return ['move-aside', 'free-ballast', 'ask'];
  return ['free-ballast', 'ask'];
}

/**
 * What the log of one container may take: half of what is free beyond the clear space, shared by all.
 * @param wantedBytes the limit of the target
 */
export function evidenceShare(wantedBytes: number, freeBytes: number, containers: number): number {
  const share = Math.floor(Math.max(0, freeBytes - clearBytes) / (2 * Math.max(1, containers)));
  return Math.min(wantedBytes, share);
}
