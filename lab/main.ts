import { removeLab, sweepLabs } from './clean-up.ts';
import type { ComposeChoice } from './compose-command.ts';
import { faults, isFault } from './faults.ts';
import { createLab, openLab } from './lab.ts';
import { listEntries, readEntry } from './registry.ts';

/** `node dist/lab/main.js up | list | down`: a lab for hand use. */

const usage = `Usage:
  up [--compose v1|v5] [--until stable|experiment] [--names runbook|suffixed]   make a lab that stays
  break <fault> [<id>]                                                          break the only lab, or that one
  list                                                                          labs of this machine
  down [<id>]                                                                   remove one lab, or all made by hand
  faults                                                                        what can be broken
`;

const [command, ...rest] = process.argv.slice(2);
try {
  process.exitCode = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function run(): Promise<number> {
  switch (command) {
    case 'up':
      return up();
    case 'break':
      return breakLab(rest[0], rest[1]);
    case 'list':
      return list();
    case 'faults':
      return listFaults();
    case 'down':
      return down(rest[0]);
    default:
      process.stdout.write(usage);
      return command === undefined || command === '--help' ? 0 : 2;
  }
}

async function up(): Promise<number> {
  const lab = await createLab({
    keep: true,
    names: oneOf('--names', ['runbook', 'suffixed'] as const, 'suffixed'),
    composeCommand: oneOf<ComposeChoice | 'auto'>('--compose', ['v1', 'v5', 'auto'], 'auto'),
    until: oneOf('--until', ['stable', 'experiment'] as const, 'experiment'),
    onProgress: (line) => console.error(line),
  });
  console.log(`lab ${lab.id}\n  target  ${lab.targetFile}\n  stable  http://127.0.0.1:${lab.ports.stable}`);
  for (const [name, value] of Object.entries(lab.env)) console.log(`  export ${name}=${value}`);
  return 0;
}

async function breakLab(fault: string | undefined, id: string | undefined): Promise<number> {
  if (fault === undefined || !isFault(fault)) {
    console.error(`"${fault ?? ''}" is no fault. There are: ${Object.keys(faults).join(', ')}.`);
    return 2;
  }
  const ids = id === undefined ? listEntries().map((entry) => entry.id) : [id];
  const [only] = ids;
  if (only === undefined || ids.length > 1) throw new Error(`Say which lab: there are ${ids.length}.`);
  const lab = await openLab(only);
  await lab.breakIt(fault);
  console.log(`lab ${only}: ${faults[fault].what}`);
  return 0;
}

function listFaults(): number {
  for (const [name, { hits, scenario, what }] of Object.entries(faults)) {
    console.log(`${name.padEnd(20)} ${hits.padEnd(11)} ${scenario.padEnd(19)} ${what}`);
  }
  return 0;
}

async function list(): Promise<number> {
  for (const entry of listEntries()) {
    const containers = Object.entries(await (await openLab(entry.id)).containers());
    const states = containers.map(([role, container]) => `${role} ${container.state}`).join(', ');
    console.log(`${entry.id}  port ${entry.ports.stable}  compose ${entry.compose}  ${entry.folder}\n  ${states}`);
  }
  return 0;
}

async function down(id: string | undefined): Promise<number> {
  const swept = await sweepLabs();
  for (const each of swept.removed) console.log(`removed lab ${each}, whose maker is gone`);
  for (const failure of swept.failures) console.error(failure.message);
  const entries = id === undefined ? listEntries().filter((entry) => entry.keep) : [readEntry(id)];
  for (const entry of entries) {
    if (entry === undefined && id !== undefined && swept.removed.includes(id)) continue;
    if (entry === undefined) throw new Error(`There is no lab ${id}.`);
    await removeLab(entry);
    console.log(`removed lab ${entry.id}`);
  }
  return swept.failures.length === 0 ? 0 : 1;
}

function oneOf<T extends string>(option: string, values: readonly T[], otherwise: T): T {
  const at = rest.indexOf(option);
  if (at < 0) return otherwise;
  const found = values.find((value) => value === rest[at + 1]);
  if (found === undefined) throw new Error(`${option} takes one of ${values.join(', ')}.`);
  return found;
}
