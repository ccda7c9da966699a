import { runTool } from '../run-tool.ts';
import type { CheckResult } from './integrity-types.ts';

type CommandCheck = Extract<CheckResult['check'], { kind: 'command' }>;

/** A command of the target: exit 0 is sound, another exit is corrupt; one that could not run or was killed is unknown. */
export async function checkCommand(check: CommandCheck, root: string, signal?: AbortSignal): Promise<CheckResult> {
  const [tool, ...args] = check.argv;
  const nothing = { check, count: 0, paths: [] };
  if (tool === undefined) return { ...nothing, outcome: 'unknown', reason: 'the command is empty' };
  const timeoutMs = check.timeoutMs ?? 60_000;
  const run = await runTool({ tool, args, cwd: check.cwd ?? root, timeoutMs, signal });
  if (run === undefined) return { ...nothing, outcome: 'unknown', reason: `${tool} is not there or may not be run` };
  if (run.timedOut) return { ...nothing, outcome: 'unknown', reason: `${tool} did not end within ${timeoutMs} ms` };
  if (run.code === 0) return { ...nothing, outcome: 'pass', reason: `${tool} ended with 0` };
  // What a shell says when the thing to run was not found: no statement about the data.
  if (run.code === 126 || run.code === 127) {
    return { ...nothing, outcome: 'unknown', reason: `${tool} ended with ${run.code}: it could not run` };
  }
  if (run.code === null) return { ...nothing, outcome: 'unknown', reason: `${tool} was killed before it ended` };
  const said = run.stderr.toString('utf8').trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  return { ...nothing, outcome: 'fail', reason: `${tool} ended with ${run.code}${said === '' ? '' : `: ${said}`}` };
}
