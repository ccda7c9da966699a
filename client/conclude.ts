import type { RollbackResult } from '../contract/rollback.ts';
import type { ExitName } from './exit-codes.ts';
import { exitCodes, exitOfVerdict } from './exit-codes.ts';
import { readJudgement } from './judgement-file.ts';
import { renderVerdict } from './render-verdict.ts';
import type { RollbackView } from './rollback-reader.ts';
import type { Session } from './session.ts';

/**
 * How a closed rollback ended, for people and programs.
 * @throws ClientFailure with the reason when it ended without a verdict (refused, terminated)
 */
export async function conclude(session: Session, view: RollbackView): Promise<ExitName> {
  const { connected, place, out } = session;
  const result: RollbackResult = await connected.client.workflow.getHandle(view.workflowId, view.runId).result();
  const judgement = readJudgement(place, result.rollbackId);
  const exit = exitOfVerdict(result.verdict);
  out.lines(['', ...renderVerdict(result, { judgement, uiLink: view.uiLink }, out.style)]);
  out.result({
    state: 'closed',
    ...result,
    environment: place.environment,
    scenario: view.board?.scenario ?? null,
    healthyAt: view.board?.healthyAt ?? null,
    discards: view.board?.discards ?? [],
    checklist: judgement?.items ?? null,
    ui: view.uiLink ?? null,
    exitCode: exitCodes[exit].code,
  });
  return exit;
}
