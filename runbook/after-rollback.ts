import type { PartialScenario } from './scenarios.ts';

/** Runbook, "Post-Rollback Activities": what people do afterwards, as the report's to-do list. */
export interface FollowUpPeriod {
  readonly title: string;
  readonly within: string;
  readonly activities: readonly string[];
}

export const followUp: readonly FollowUpPeriod[] = [
  {
    title: 'Immediate',
    within: '0–24 hours',
    activities: [
      'Watch whether the stable system stays steady: restarts, memory, errors in its logs',
      'Try by hand what the functional checks do not cover',
      'Tell the stakeholders how it stands, and when they hear more',
    ],
  },
  {
    title: 'Short-term',
    within: '1–7 days',
    activities: [
      'Find the causes in the evidence and write them into this report',
      'Write down what was learned',
      'Agree on what will be changed, who does it and until when',
    ],
  },
  {
    title: 'Long-term',
    within: '1+ weeks',
    activities: [
      'Decide whether and how the experiment is tried again',
      'Carry out what was agreed',
      'Review runbook and target file: they are due after every rollback',
    ],
  },
];

/** What a partial rollback leaves to be mended, with the owner that the target names. */
export const mendAfterwards: Readonly<Record<PartialScenario, string>> = {
  'api-issues': 'Mend the interface of the experiment, then release it: its traffic is switched away until then',
  'performance-only': 'Make the experiment need less, then release it: it is limited until then',
  'data-migration': 'Mend the migration, if it was not run again',
};

/** Runbook 4.3 "Update Documentation". */
export const documentsToUpdate: readonly string[] = [
  'The results of the experiment: that it was rolled back, when and why',
  'The history of rollbacks: this verdict with its exceptions',
  'The notes for the next experiment: what it has to do differently',
];

/** Runbook 4.1: parts of the incident report that no machine can write, with what belongs there. */
export const humanParts = {
  'Root cause analysis': 'Why did it happen? What was changed, when, by whom, and what should have caught it?',
  'Lessons learned': 'What went well, what did not, what will be different next time, and who sees to it?',
} as const;
