import { aptInstall, aptWorks } from './apt.mjs';
import { isExecutable, whichOfRoot } from './run.mjs';
import { say } from './say.mjs';
import { installTimeSkippingServer, timeSkippingServer } from './time-skipping-server.mjs';

/** What only tests use: the command that shows that it is there, and its package on Debian. */
const tools = [
  { command: 'strace', package: 'strace' },
  { command: 'mkfs.xfs', package: 'xfsprogs' },
  { command: 'getfattr', package: 'attr' },
  { command: 'sqlite3', package: 'sqlite3' },
  { command: 'rsync', package: 'rsync' },
  { command: 'faketime', package: 'faketime' },
  { command: 'shellcheck', package: 'shellcheck' },
  { command: 'git', package: 'git' },
  { command: 'systemd-analyze', package: 'systemd' },
  { command: 'java', package: 'default-jre-headless' },
];
/** Fetches the time-skipping server, once. */
const maven = { command: 'mvn', package: 'maven' };

/** Makes sure of what only tests use. What cannot be had is told, and no reason to stop: the other tests say more. */
export async function ensureTestTools() {
  const wanted = isExecutable(timeSkippingServer()) ? tools : [...tools, maven];
  const missing = wanted.filter(({ command }) => whichOfRoot(command) === undefined);
  if (missing.length > 0) await install(missing.map((each) => each.package));
  const why = await installTimeSkippingServer();
  if (why !== '') say(`the Temporal test server cannot be fetched: ${why}. Tests of long timers will fail.`);
}

/** @param {readonly string[]} packages */
async function install(packages) {
  const why = aptWorks() ? await aptInstall(packages, 'tools that only tests use') : 'only as root on Debian or Ubuntu';
  if (why !== '') say(`tools of tests are missing (${packages.join(', ')}): ${why}. Tests that use them will fail.`);
}
