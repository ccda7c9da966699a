import type { PartialScenario } from './scenarios.ts';

/** The runbook's "Rollback Validation Checklist", and what a rollback itself must have achieved, as one table. */
export type ChecklistGroup = 'System Health' | 'Data Integrity' | 'Performance' | 'User Experience' | 'Rollback';

/** A full rollback, or one of the partial ones: each has items that say nothing of the others. */
export type ChecklistScope = 'full' | PartialScenario;

const every: readonly ChecklistScope[] = ['full', 'api-issues', 'performance-only', 'data-migration'];
const full: readonly ChecklistScope[] = ['full'];
/** Where data go back. */
const restoring: readonly ChecklistScope[] = ['full', 'data-migration'];

/** What a target may declare or not: a system without agents or skills has none to lose. */
export type Declarable =
  | 'agent status script'
  | 'agent status script or session locks'
  | 'list of skills'
  | 'such check';

export interface ChecklistItem {
  readonly group: ChecklistGroup;
  readonly title: string;
  /** A required item that fails makes the rollback failed; an optional one is an exception (design §4.13). */
  readonly required: boolean;
  /** Measured against the recorded checkpoint: without one it is optional, since it can only be unknown. */
  readonly needsCheckpoint: boolean;
  /** The item applies only to a target that declares this, or a check that proves the item; null: it always applies. */
  readonly appliesWith: Declarable | null;
  /** Rollbacks that it is an item of. */
  readonly scopes: readonly ChecklistScope[];
  /** What proves it, in words. */
  readonly measurement: string;
}

const item = (
  group: ChecklistGroup,
  title: string,
  measurement: string,
  is: { readonly optional?: true; readonly needsCheckpoint?: true; readonly appliesWith?: Declarable } & {
    readonly scopes?: readonly ChecklistScope[];
  } = {},
): ChecklistItem => ({
  group,
  title,
  required: is.optional !== true,
  needsCheckpoint: is.needsCheckpoint === true,
  appliesWith: is.appliesWith ?? null,
  scopes: is.scopes ?? every,
  measurement,
});

/**
 * Limits of performance and of the logs are optional: a system that answers rightly but more slowly than it did serves
 * again, with an exception that is told. What users and data need is required, as far as the target has it: the runbook's
 * own target declares all of it. That basic queries are answered is asked of every target: without one right answer
 * nothing is proven.
 */
export const checklist = {
  'stable-running': item(
    'System Health',
    'Containers of the stable system run and are healthy',
    'inspect and health probe over the soak time',
  ),
  'agent-coordination': item(
    'System Health',
    'Coordination of the agents works',
    'exit code of the agent status script, session locks parse as JSON',
    { appliesWith: 'agent status script or session locks' },
  ),
  'skills-discoverable': item(
    'System Health',
    'Every expected skill is found',
    'the list of skills of the running system against the expected names',
    { appliesWith: 'list of skills' },
  ),
  'response-times': item(
    'System Health',
    'Response times are in the normal range',
    'every functional check answers within its time limit, and the median is below five times the baseline',
    { optional: true },
  ),
  'log-errors': item(
    'System Health',
    'No error spike in the logs',
    'lines with errors per minute since the stable system is up, against the baseline',
    { optional: true, needsCheckpoint: true },
  ),

  'data-present': item(
    'Data Integrity',
    'All data are there; what was put back equals its source',
    'manifest of every data root against the checkpoint',
    { needsCheckpoint: true, scopes: restoring },
  ),
  'data-uncorrupted': item(
    'Data Integrity',
    'No data are corrupt',
    'the integrity checks of every data root, run anew',
  ),
  'backups-verified': item(
    'Data Integrity',
    'Backups are verified',
    'backup files are read and hashed, the safety copy is compared with its manifest',
    { optional: true, scopes: restoring },
  ),
  'git-clean': item(
    'Data Integrity',
    'The repository is clean at the checkpoint',
    'HEAD is the commit of the checkpoint, no operation is open, nothing differs outside the data roots',
    { scopes: full },
  ),

  'response-time-limit': item(
    'Performance',
    'Response time is within its limit',
    'median of the samples against baseline and limit',
    { optional: true, needsCheckpoint: true },
  ),
  'memory-limit': item(
    'Performance',
    'Memory is within its limit',
    'memory of the running primary container against baseline and limit',
    { optional: true, needsCheckpoint: true },
  ),
  'cpu-limit': item(
    'Performance',
    'CPU is within its limit',
    'CPU of the running primary container against baseline and limit',
    { optional: true, needsCheckpoint: true },
  ),
  'error-rate': item(
    'Performance',
    'The error rate is not above the baseline',
    'share of samples without a right answer',
    { needsCheckpoint: true },
  ),

  'basic-queries': item('User Experience', 'Basic queries are answered rightly', 'the functional checks that prove it'),
  'complex-queries': item(
    'User Experience',
    'Complex queries for several skills are answered rightly',
    'the functional checks that prove it',
    { appliesWith: 'such check' },
  ),
  'agents-operational': item(
    'User Experience',
    'Agents can go on with their work',
    'exit code of the agent status script',
    { appliesWith: 'agent status script' },
  ),
  'no-user-errors': item(
    'User Experience',
    'Users see no errors',
    'every functional check of the target, and no server error among the samples',
  ),

  'experiment-out': item(
    'Rollback',
    'The experiment is stopped and stayed so',
    'inspect of its containers by id, a new search by label, events of the engine since the stop',
    { scopes: full },
  ),
  'stable-images': item(
    'Rollback',
    'The stable system runs on the images of the checkpoint',
    'image id of every running container against the recorded one',
    { needsCheckpoint: true, scopes: full },
  ),
  'load-reduced': item(
    'Rollback',
    'The load of the experiment is limited',
    'limits of each of its containers by inspect, each switch of the limiter asked anew',
    { scopes: ['performance-only'] },
  ),
  'traffic-to-stable': item(
    'Rollback',
    'All traffic ends at the stable system',
    'the probes of the target, asked several times where users ask; each switch asked anew',
    { scopes: ['api-issues'] },
  ),
  'experiment-runs': item(
    'Rollback',
    'The experiment goes on beside the stable system',
    'inspect of the containers of the experiment that ran when the rollback began',
    { scopes: ['performance-only', 'data-migration'] },
  ),
} as const satisfies Record<string, ChecklistItem>;

export type ChecklistItemId = keyof typeof checklist;

export const checklistIds = Object.keys(checklist) as readonly ChecklistItemId[];

/** The row as its reader needs it: literal types of the table widened. */
export function itemOf(id: ChecklistItemId): ChecklistItem {
  return checklist[id];
}
