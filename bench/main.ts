import { measureContainers, measureFiles, measureLog } from './measure.ts';
import { measureMemory } from './memory.ts';
import { mebibyte, type Row, rowsOf, table } from './rows.ts';

/** The measurements, by hand only (`npm run bench -- memory|log|files|containers|all`): they take minutes and gigabytes. */
const parts = {
  memory: () => measureMemory(),
  log: async () => rowsOf('a log of 2 GiB', await measureLog(2_048), 128 * mebibyte),
  files: async () => rowsOf('100,000 files', await measureFiles(100_000), 192 * mebibyte),
  containers: async () => rowsOf('200 containers', await measureContainers(200), 128 * mebibyte),
} as const satisfies Record<string, () => Promise<readonly Row[]>>;

const names = Object.keys(parts) as readonly (keyof typeof parts)[];

async function main(asked: string): Promise<number> {
  const wanted = asked === 'all' ? names : names.filter((name) => name === asked);
  if (wanted.length === 0) {
    console.error(`expected ${names.join(', ')} or all, got ${JSON.stringify(asked)}`);
    return 2;
  }
  const rows: Row[] = [];
  for (const name of wanted) {
    console.error(`measuring: ${name}`);
    rows.push(...(await parts[name]()));
  }
  console.log(table(rows));
  return rows.every(({ kept }) => kept) ? 0 : 1;
}

process.exitCode = await main(process.argv[2] ?? 'all');
