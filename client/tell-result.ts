import type { MessageResult } from '../contract/board.ts';
import type { ExitName } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import type { Output } from './output.ts';

/** What became of a message; the same for all of them. */
export function tellResult(result: MessageResult, environment: string, out: Output): ExitName {
  const exit: ExitName = result.accepted ? 'ok' : 'refused';
  out.lines([result.accepted ? result.text : `${out.style.red('Not taken:')} ${result.text}`]);
  out.result({ environment, ...result, exitCode: exitCodes[exit].code });
  return exit;
}
