import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from './places.mjs';
import { testServerVersion } from './versions.mjs';

/** The time-skipping Temporal server of the tests: long timers with their real values, in seconds. */
export function timeSkippingServer(env = process.env) {
  return join(cacheDir(env), `temporal-test-server-${testServerVersion}`, 'temporal-test-server');
}

/**
 * Fetches its jars by Maven and writes the script that runs them.
 * @param {(text: string) => void} say
 * @throws {Error} with what was tried and what to do
 */
export function installTimeSkippingServer(say, env = process.env) {
  const script = timeSkippingServer(env);
  if (existsSync(script)) return;
  say(`Temporal test server ${testServerVersion}: fetched by Maven (34 MB, once)`);
  const folder = dirname(script);
  const staged = `${folder}.${process.pid}`;
  const pom = fileURLToPath(new URL('./test-server/pom.xml', import.meta.url));
  try {
    mkdirSync(join(staged, 'lib'), { recursive: true });
    execFileSync('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${join(staged, 'lib')}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    const said = error.stderr?.toString().trim().split('\n').at(-1) ?? error.message;
    throw new Error(
      `The Temporal test server cannot be fetched: mvn said ${JSON.stringify(said)}. ` +
        'Install Java 17 and Maven (Debian: apt-get install default-jre-headless maven) and see that it reaches a Maven repository.',
    );
  }
  writeFileSync(
    join(staged, 'temporal-test-server'),
    '#!/bin/sh\n' +
      'here=$(dirname "$0")\n' +
      'exec java -Dlogback.configurationFile="$here/logback.xml" -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"\n',
  );
  chmodSync(join(staged, 'temporal-test-server'), 0o755);
  // Its default is to log every frame of every call.
  writeFileSync(join(staged, 'logback.xml'), '<configuration><root level="OFF"/></configuration>\n');
  rmSync(folder, { recursive: true, force: true });
  renameSync(staged, folder);
}
