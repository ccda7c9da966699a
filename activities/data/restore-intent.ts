/** Kind of the journal's intent that stands before the first change of a data root; its detail names the root. */
export const restoreIntent = 'restore-data';
