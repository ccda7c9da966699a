/** Every workflow type a worker offers, under the names of contract/ids.ts. */
export { checkpoint } from './checkpoint.ts';
export { dataRecovery } from './data-recovery.ts';
export { documentation } from './documentation.ts';
export { emergencyRollback } from './emergency-rollback.ts';
export { escalation } from './escalation.ts';
export { immediateResponse } from './immediate-response.ts';
export { notice } from './notice.ts';
export { observe } from './observe.ts';
export { partialRollback } from './partial-rollback.ts';
export { prune } from './prune.ts';
export { rollback } from './rollback.ts';
export { systemValidation } from './system-validation.ts';
export { undo } from './undo.ts';
export { upkeep } from './upkeep.ts';
