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
    activities: ['Monitor system stability', 'Verify all functionality working', 'Communicate status to stakeholders'],
  },
  {
    title: 'Short-term',
    within: '1–7 days',
    activities: ['Analyze root causes', 'Document lessons learned', 'Plan improvements'],
  },
  {
    title: 'Long-term',
    within: '1+ weeks',
    activities: ['Consider future experiments', 'Implement improvements', 'Update procedures based on learnings'],
  },
];

/** Runbook 4.3 "Update Documentation". */
export const documentsToUpdate: readonly string[] = [
  'Update experiment results',
  'Document rollback success or failure',
  'Record lessons learned for future experiments',
];

/** Runbook 4.1: parts of the incident report that no machine can write, with what belongs there. */
export const humanParts = {
  'Root cause analysis': 'Why did it happen? What was changed, when, by whom, and what should have caught it?',
  'Lessons learned': 'What went well, what did not, what will be different next time, and who sees to it?',
} as const;
