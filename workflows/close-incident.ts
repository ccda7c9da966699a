import type { RollbackResult } from '../contract/rollback.ts';
import { runOwnStep } from './run-own-step.ts';
import type { Story } from './story.ts';

/** Settles obligations, releases the environment, and says how it ended. */
export async function closeIncident(story: Story): Promise<RollbackResult> {
  const { incident, request } = story;
  incident.update({ phase: 'closing', child: null });
  const closed = await runOwnStep(story, 'closing', 'closeRollback');
  const figures = 'result' in closed ? (closed.result.figures ?? {}) : {};
  const openObligations = Number(figures['openObligations'] ?? 0);
  const reportPath = typeof figures['reportPath'] === 'string' ? figures['reportPath'] : null;
  incident.update({ openObligations, reportPath });
  return {
    rollbackId: request.rollbackId,
    verdict: incident.board.verdict ?? 'not-proven',
    reasons: incident.board.verdictReasons,
    reportPath,
    openObligations,
  };
}
