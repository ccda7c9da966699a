import { removeLab, sweepLabs } from './clean-up.ts';
import type { ComposeChoice } from './compose-command.ts';
import { createLab, openLab } from './lab.ts';
import { listEntries, readEntry } from './registry.ts';

/** `node dist/lab/main.js up | list | down`: a lab for hand use. */

const usage = `Usage:
  up [--compose v1|v5] [--until stable|experiment] [--names runbook|suffixed]   make a lab that stays
  list                                                                          labs of this machine
  down [<id>]                                                                   remove one lab, or all made by hand
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
    case 'list':
      return list();
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
  for (const each of swept) console.log(`removed lab ${each}, whose maker is gone`);
  const entries = id === undefined ? listEntries().filter((entry) => entry.keep) : [readEntry(id)];
  for (const entry of entries) {
    if (entry === undefined && id !== undefined && swept.includes(id)) continue;
    if (entry === undefined) throw new Error(`There is no lab ${id}.`);
    await removeLab(entry);
    console.log(`removed lab ${entry.id}`);
  }
  return 0;
}

function oneOf<T extends string>(option: string, values: readonly T[], otherwise: T): T {
  const at = rest.indexOf(option);
  if (at < 0) return otherwise;
  const found = values.find((value) => value === rest[at + 1]);
  if (found === undefined) throw new Error(`${option} takes one of ${values.join(', ')}.`);
  return found;
}
