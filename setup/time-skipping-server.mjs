import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { alone } from './lock.mjs';
import { cacheDir, root } from './places.mjs';
import { isExecutable, run } from './run.mjs';
import { say } from './say.mjs';
import { testServerVersion } from './versions.mjs';

const deadlineMs = 10 * 60_000;

/** The time-skipping Temporal server of the tests: long timers with their real values, in seconds. */
export function timeSkippingServer(env = process.env) {
  return join(cacheDir(env), `temporal-test-server-${testServerVersion}`, 'temporal-test-server');
}

/**
 * Fetches its jars by Maven and writes the script that runs them.
 * @returns {Promise<string>} '' or why it failed
 */
export async function installTimeSkippingServer(env = process.env) {
  const script = timeSkippingServer(env);
  if (isExecutable(script)) return '';
  return alone(join(cacheDir(env), 'temporal-test-server.lock'), deadlineMs, async () => {
    if (isExecutable(script)) return '';
    say(`Temporal test server ${testServerVersion}: fetched by Maven (34 MB, once)`);
    return fetchJars(script);
  });
}

/** @param {string} script */
async function fetchJars(script) {
  const folder = dirname(script);
  const staged = `${folder}.part`;
  const pom = join(root, 'setup', 'test-server', 'pom.xml');
  const jars = join(staged, 'lib');
  try {
    rmSync(staged, { recursive: true, force: true });
    mkdirSync(jars, { recursive: true });
    const argv = ['mvn', '-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`];
    const { ok, output, why } = await run(argv, { deadlineMs, what: 'fetching the Temporal test server' });
    // Maven's last lines are advice; its first error is the reason.
    if (!ok) return output.split('\n').find((line) => line.includes('ERROR')) ?? why;
    writeScript(staged);
    rmSync(folder, { recursive: true, force: true });
    renameSync(staged, folder);
    return '';
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** @param {string} folder */
function writeScript(folder) {
  const file = join(folder, 'temporal-test-server');
  // Quick to start rather than quick for long: each test has a server of its own.
  const java =
    'java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Dlogback.configurationFile="$here/logback.xml" -cp "$here/lib/*"';
  writeFileSync(file, `#!/bin/sh\nhere=$(dirname "$0")\nexec ${java} io.temporal.testserver.TestServer "$@"\n`);
  chmodSync(file, 0o755);
  // Its default is to log every frame of every call.
  writeFileSync(join(folder, 'logback.xml'), '<configuration><root level="OFF"/></configuration>\n');
}
