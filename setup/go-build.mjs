import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './places.mjs';
import { isExecutable, run, tail, which } from './run.mjs';

const deadlineMs = 40 * 60_000;

/**
 * Builds a command from one of the Go modules of this folder, whose go.sum pins every source.
 * @param {{ module: string, source: string, version: string, target: string }} settings `version` is the variable and its value
 * @returns {Promise<string>} '' or why it failed
 */
export async function goBuild({ module, source, version, target }) {
  const go = [which('go'), '/usr/local/go/bin/go'].find((each) => each !== undefined && isExecutable(each));
  if (go === undefined) return `building it from setup/${module}: Go is not installed`;
  // A fixed name, under the caller's lock: what an interrupted build left is overwritten.
  const staged = `${target}.part`;
  mkdirSync(dirname(target), { recursive: true });
  try {
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
    const argv = [go, 'build', '-trimpath', '-ldflags', `-s -w -X ${version}`, '-o', staged, source];
    const cwd = join(root, 'setup', module);
    const { ok, why, output } = await run(argv, { cwd, env, deadlineMs, what: `building ${module} with Go` });
    if (!ok) return `building it from setup/${module}: ${why}\n${tail(output, 8)}`;
    chmodSync(staged, 0o755);
    renameSync(staged, target);
    return '';
  } finally {
    rmSync(staged, { force: true });
  }
}
