/** Every question a rollback can put to the operator: its options, and what holds when nobody answers in time. */
export interface QuestionRow {
  readonly options: Readonly<Record<string, string>>;
  /** Somebody may be asleep: the default harms nothing that cannot be mended later. */
  readonly defaultOption: string;
}

export const questions = {
  exhausted: {
    options: {
      retry: 'try the step again',
      skip: 'leave the step out and go on; the report says so',
      emergency: 'go over to the emergency path',
      'give-up': 'stop here; the stable system is started, the verdict is not better than not-proven',
    },
    defaultOption: 'retry',
  },
  'confirm-plan': {
    options: {
      'carry-out': 'put the data and files back as the plan says; what is discarded is kept in the safety copy',
      leave: 'change no data and no files; only see that the stable system serves',
    },
    defaultOption: 'leave',
  },
  'choose-data': {
    options: {
      'put-back': 'put the checkpoint back for this data root; its present state is kept in the safety copy',
      leave: 'leave this data root as it is',
    },
    defaultOption: 'leave',
  },
  migration: {
    options: {
      fixed: 'the migration is mended: run it again and check it; it is taken back when it fails',
      leave: 'run no migration; both systems go on with the original data',
      full: 'take the experiment out: the full rollback for corrupt data',
    },
    defaultOption: 'leave',
  },
  'not-better': {
    options: {
      full: 'take the experiment out: the full rollback for performance issues',
      'watch-on': 'watch as long again, with the limits as they are',
      keep: 'leave both systems running and limited; the report says that it is not better',
    },
    // Users still wait; to take the experiment out loses nothing.
    defaultOption: 'full',
  },
} as const satisfies Record<string, QuestionRow>;

export type QuestionKind = keyof typeof questions;

/** How often one and the same step may be retried by default, unattended, before the emergency path is taken. */
export const unattendedRetries = 1;

/** Kinds that say nothing of the step: what it did was done elsewhere, and has to be looked at there. */
export const unknownKinds: readonly string[] = ['another-machine'];

/** Kinds of refusal that no retry and no answer changes; the rollback ends with the reason. */
export const finalKinds: readonly string[] = [
  'held-by-another',
  'another-machine',
  'target-differs',
  'tool-missing',
  'unknown-checkpoint',
  'refused',
];
