import { ActFailure } from '../kernel/failures.ts';
import type { ActBody } from '../kernel/room.ts';
import { runTargetScript } from './run-target-script.ts';

const names = ['performanceTest', 'monitor', 'skills'] as const;

/** Runbook 3.2 and 3.3: one of the project's own validation scripts, named by the option `script`. */
export const runScript: ActBody = async (room) => {
  const name = names.find((known) => known === room.input.options.script);
  if (name === undefined) {
    throw new ActFailure('refused', `There is no validation script ${room.input.options.script ?? '(unnamed)'}.`);
  }
  const run = await runTargetScript(room, name);
  if (run === null) return { outcome: 'skipped', reason: `the target names no script ${name}` };
  return {
    outcome: run.good ? 'done' : 'failed',
    reason: run.said,
    figures: { seconds: run.seconds, exitCode: run.exitCode ?? 'none', sha256: run.sha256 ?? 'unknown' },
    files: [run.file],
  };
};
