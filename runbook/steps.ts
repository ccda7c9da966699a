import type { Duration } from './duration.ts';

/**
 * The step table: every act of a rollback, once. Plan, timeouts, status, report, CLI help and docs read it.
 * Order within a phase is the order in which the acts run.
 */
export type PhaseName =
  | 'preparation'
  | 'immediateResponse'
  | 'emergency'
  | 'partial'
  | 'dataRecovery'
  | 'systemValidation'
  | 'judgement'
  | 'documentation'
  | 'closing';

/** `reads` changes nothing outside the state folder; `changes` can be taken back; `destroys` needs a verified safety copy first. */
export type Effect = 'reads' | 'changes' | 'destroys';

/** What happens when the retries are used up. Never a closed workflow (design §3). */
export type WhenExhausted = 'continue' | 'ask' | 'serve-stable';

export interface StepRow {
  /** Prose for the operator: shown in Temporal UI, status, plan and report. */
  readonly title: string;
  readonly effect: Effect;
  /** One attempt. */
  readonly startToClose: Duration;
  readonly attempts: number;
  /** Tighter bounds for the emergency path, where the row runs there. */
  readonly emergency?: { readonly startToClose: Duration; readonly attempts: number };
  readonly exhausted: WhenExhausted;
  /** Section of the runbook this carries out: phase and step by number, since each runbook words its own titles. */
  readonly section: string;
}

const row = (
  title: string,
  effect: Effect,
  startToClose: Duration,
  attempts: number,
  exhausted: WhenExhausted,
  section: string,
  emergency?: StepRow['emergency'],
): StepRow => ({ title, effect, startToClose, attempts, exhausted, section, ...(emergency ? { emergency } : {}) });

const fast = (startToClose: Duration, attempts = 3) => ({ startToClose, attempts });

export const steps = {
  openRollback: row(
    'Take the environment: lock, epoch, journal, snapshot of the target',
    'changes',
    '20s',
    3,
    'ask',
    'Rollback Procedure',
    fast('10s', 2),
  ),
  takeOver: row(
    'Raise the epoch and end what earlier attempts still do',
    'changes',
    '20s',
    3,
    'ask',
    'Emergency Rollback',
    fast('10s'),
  ),
  planContainment: row('List the containers of both systems', 'reads', '20s', 3, 'ask', '1.1', fast('10s', 2)),

  containExperiment: row('Pause the experiment', 'changes', '20s', 3, 'ask', '1.1', fast('10s')),
  captureLiveLogs: row('Save the logs while the experiment is paused', 'reads', '60s', 2, 'continue', '1.2'),
  captureContainerState: row(
    'Save inspect, statistics and processes',
    'reads',
    '30s',
    2,
    'continue',
    '1.2',
    fast('15s', 1),
  ),
  captureGitState: row(
    'Save the state of the repository and its differences',
    'reads',
    '60s',
    2,
    'continue',
    '2.1',
    fast('20s', 1),
  ),
  captureDoomedContainers: row(
    'Capture containers that a stop would delete',
    'reads',
    '60s',
    2,
    'ask',
    '1.2',
    fast('20s', 1),
  ),
  stopExperiment: row(
    'Stop the experiment and keep it from restarting',
    'changes',
    '90s',
    3,
    'ask',
    '1.1',
    fast('45s', 2),
  ),
  captureFinalLogs: row(
    'Save the last log lines, files and results of the experiment',
    'reads',
    '90s',
    2,
    'continue',
    '1.2',
    fast('30s', 1),
  ),
  verifyExperimentStopped: row(
    'Prove by label that nothing of the experiment runs',
    'changes',
    '20s',
    5,
    'ask',
    '1.1',
    fast('10s', 3),
  ),
  captureDefinitions: row(
    'Save compose files, env files and scripts',
    'reads',
    '30s',
    2,
    'continue',
    '2.2',
    fast('15s', 1),
  ),
  recordStableState: row(
    'Record the state of the stable system and of the agents',
    'reads',
    '60s',
    2,
    'continue',
    '1.2',
  ),
  startStable: row(
    'Start the stable system where it does not run',
    'changes',
    '90s',
    2,
    'continue',
    '1.3',
    fast('60s', 2),
  ),
  awaitStableHealth: row(
    'Wait until the stable system is steadily healthy',
    'reads',
    '5m',
    1,
    'continue',
    '1.3',
    fast('150s', 1),
  ),
  watchExperiment: row('Watch that the experiment stays out', 'changes', '6h', 1000, 'continue', '1.1'),

  checkIntegrity: row('Check every data root and the repository', 'reads', '10m', 2, 'ask', '2.1'),
  planRecovery: row(
    'Decide what has to go back, and what that discards',
    'reads',
    '2m',
    2,
    'ask',
    '2.2',
    fast('20s', 2),
  ),
  makeSafetyCopy: row('Make and verify the safety copy', 'changes', '20m', 2, 'ask', '2.2', fast('45s', 2)),
  stopDataUsers: row('Stop what uses the data', 'changes', '90s', 3, 'serve-stable', '2.2', fast('40s', 2)),
  returnToCheckpoint: row(
    'Return the repository to the checkpoint on a branch of its own',
    'destroys',
    '3m',
    3,
    'serve-stable',
    '2.2',
    fast('45s', 2),
  ),
  restoreData: row('Put the data back', 'destroys', '30m', 3, 'serve-stable', '2.3', fast('100s', 1)),
  verifyData: row('Verify the data that were put back', 'reads', '10m', 2, 'ask', '2.3'),
  startStableOnPins: row(
    'Start the stable system on the images of the checkpoint',
    'changes',
    '2m',
    3,
    'serve-stable',
    '2.2',
    fast('45s', 2),
  ),

  planPartial: row(
    'Decide what a partial rollback limits and switches',
    'reads',
    '60s',
    3,
    'ask',
    'Partial Rollback Scenarios',
  ),
  limitExperiment: row('Limit CPU and memory of the experiment', 'changes', '60s', 3, 'ask', 'Scenario 2'),
  switchLimiter: row('Limit the rate of requests', 'changes', '2m', 3, 'ask', 'Scenario 2'),
  switchTraffic: row('Switch the experiment off the path of the traffic', 'changes', '5m', 3, 'ask', 'Scenario 1'),
  proveTraffic: row('Prove where requests end up', 'reads', '3m', 3, 'ask', 'Scenario 1'),
  samplePerformance: row('Sample the performance against the baseline', 'reads', '3m', 2, 'continue', 'Scenario 2'),
  startDataUsers: row(
    'Start what was stopped for the swap, under the same ids',
    'changes',
    '2m',
    3,
    'serve-stable',
    'Scenario 3',
  ),
  runMigration: row('Run the mended migration and check it', 'changes', '60m', 1, 'continue', 'Scenario 3'),
  wakeExperiment: row(
    'Have the experiment go on, where this rollback had stopped it',
    'changes',
    '2m',
    3,
    'ask',
    'Partial Rollback Scenarios',
  ),
  changeScope: row('Take down that the scope has changed', 'changes', '20s', 3, 'ask', 'Partial Rollback Scenarios'),

  runFunctionalChecks: row('Ask the stable system real questions', 'reads', '2m', 2, 'continue', '3.1'),
  checkSkills: row('Find every expected skill', 'reads', '30s', 2, 'continue', '3.3'),
  checkAgents: row('Check the coordination of the agents', 'reads', '60s', 2, 'continue', '3.1'),
  runScript: row('Run a validation script of the target', 'reads', '10m', 1, 'continue', '3.2'),
  measurePerformance: row(
    'Measure response time, memory and CPU against the baseline',
    'reads',
    '3m',
    2,
    'continue',
    '3.2',
  ),
  scanLogs: row('Look for error spikes in the logs', 'reads', '60s', 2, 'continue', 'System Health'),

  judgeWorld: row(
    'Judge the world as it is now',
    'reads',
    '10m',
    2,
    'continue',
    'Rollback Validation Checklist',
    fast('3m', 1),
  ),

  writeChecklist: row(
    'Write the checklist with its measurements',
    'reads',
    '30s',
    2,
    'continue',
    'Rollback Validation Checklist',
    fast('15s', 1),
  ),
  writeReport: row('Draft the incident report', 'reads', '30s', 2, 'continue', '4.1', fast('15s', 1)),
  archiveEvidence: row(
    'Archive evidence and results, and read the archive back',
    'reads',
    '10m',
    2,
    'continue',
    '4.2',
    fast('60s', 1),
  ),

  closeRollback: row(
    'Settle obligations, release the environment',
    'changes',
    '60s',
    5,
    'ask',
    'Rollback Procedure',
    fast('30s', 3),
  ),
} as const satisfies Record<string, StepRow>;

export type StepName = keyof typeof steps;

/** The row as its reader needs it: literal types of the table widened. */
export function rowOf(step: StepName): StepRow {
  return steps[step];
}
