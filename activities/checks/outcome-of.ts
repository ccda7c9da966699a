/** A measurement as the outcome of a step: what could not be looked at is neither done nor failed. */
export const outcomeOf = { pass: 'done', fail: 'failed', unknown: 'unknown' } as const;
