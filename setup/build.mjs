import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { asCommand } from './as-command.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { alone } from './lock.mjs';
import { Missing } from './missing.mjs';
import { root } from './places.mjs';
import { run, tail } from './run.mjs';
import { say } from './say.mjs';
import { sourceHash } from './source-hash.mjs';

const deadlineMs = 5 * 60_000;
/** What running code imports of set-up: it finds tools and never fetches any. */
const neededWhenRunning = ['find-temporal.mjs', 'places.mjs', 'versions.mjs'];

/**
 * Whether dist/ was made from other sources than those that lie here.
 * @param {string} folder the project's
 */
export function buildIsStale(folder) {
  // An installed package holds what was built and no sources.
  if (!existsSync(join(folder, 'tsconfig.json'))) return false;
  return readStamp(join(folder, 'dist')) !== sourceHash(folder);
}

/** Builds dist/ when its sources have changed. @throws {Missing} with the compiler's complaints */
export async function ensureBuild() {
  if (!buildIsStale(root)) return;
  await alone(join(root, '.cache', 'build.lock'), deadlineMs, async () => {
    if (!buildIsStale(root)) return;
    say('build: TypeScript to dist/, and the bundle of the workflow code, since sources have changed');
    await build();
  });
}

/** Builds beside and swaps: a build that fails leaves the old one whole, and running processes their files. */
async function build() {
  const staged = join(root, '.cache', 'build');
  const replaced = `${staged}-replaced`;
  const dist = join(root, 'dist');
  const stamp = sourceHash(root);
  try {
    for (const left of [staged, replaced]) rmSync(left, { recursive: true, force: true });
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    await mustRun([process.execPath, tsc, '-p', root, '--outDir', staged], 'compiling');
    copyWhatTheCompilerLeaves(staged);
    await mustRun([process.execPath, join(staged, 'workers', 'build-bundle.js')], 'bundling workflows');
    chmodSync(join(staged, 'client', 'main.js'), 0o755);
    writeFileSync(join(staged, '.built'), `${stamp}\n`);
    if (existsSync(dist)) renameSync(dist, replaced);
    renameSync(staged, dist);
  } finally {
    rmSync(staged, { recursive: true, force: true });
    rmSync(replaced, { recursive: true, force: true });
  }
}

/** @param {string} staged */
function copyWhatTheCompilerLeaves(staged) {
  mkdirSync(join(staged, 'setup'), { recursive: true });
  for (const name of neededWhenRunning) copyFileSync(join(root, 'setup', name), join(staged, 'setup', name));
  const data = readdirSync(join(root, 'target')).filter((name) => /\.(ya?ml|json)$/.test(name));
  for (const name of data) copyFileSync(join(root, 'target', name), join(staged, 'target', name));
}

/** @param {readonly string[]} argv @param {string} what */
async function mustRun(argv, what) {
  const { ok, why, output } = await run(argv, { cwd: root, deadlineMs, what });
  if (ok) return;
  throw new Missing(`The build failed while ${what}.\n${tail(output, 30)}`, {
    tried: [why],
    todo: 'mend what is named above; `npm run check` shows all of it. The earlier build, if any, is untouched',
  });
}

/** @param {string} dist */
function readStamp(dist) {
  try {
    return readFileSync(join(dist, '.built'), 'utf8').trim();
  } catch {
    // Never built, or half removed: built anew.
    return undefined;
  }
}

await asCommand(import.meta.url, async () => {
  await ensureDependencies();
  await ensureBuild();
  say('build: up to date');
});
