import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { sweepLabs } from '../../lab/clean-up.ts';
import { labDocker } from '../../lab/docker.ts';
import { openLab } from '../../lab/lab.ts';
import { labNames, newLabId } from '../../lab/names.ts';
import { isAbandoned, readEntry } from '../../lab/registry.ts';
import { pollUntil } from '../support/poll.ts';
import { tracesOf } from './support/traces.ts';

const built = fileURLToPath(new URL('../../dist/lab/lab.js', import.meta.url));
const undos: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const undo of undos.splice(0)) await undo();
});

describe('a lab whose maker was killed with SIGKILL', () => {
  it('is left whole by the crash, and the next sweep takes away all of it: containers, networks, volume, images, folder', async () => {
    const maker = makerOf("until: 'stable'");
    await maker.until('made');
    await maker.kill();
    const { folder } = entryOf(maker.id);
    expect((await traces(maker.id)).map((trace) => trace.split(' ')[0])).toEqual(
      expect.arrayContaining(['container', 'network', 'volume', 'image']),
    );

    expect((await sweepLabs()).removed).toContain(maker.id);
    expect(await traces(maker.id)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    expect(readEntry(maker.id)).toBeUndefined();
  });

  it('is taken away as well when the maker died in the middle of the making', async () => {
    const maker = makerOf("until: 'stable'");
    await maker.until('start the stable system');
    await maker.kill();
    const { folder } = entryOf(maker.id);
    // Its compose lives on and would make containers after they were looked for.
    expect((await sweepLabs()).removed).toContain(maker.id);
    expect(await traces(maker.id)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  it('stays when it was made to stay', async () => {
    const maker = makerOf("until: 'nothing', keep: true");
    await maker.until('made');
    await maker.kill();
    expect((await sweepLabs()).removed).not.toContain(maker.id);
    expect(existsSync(entryOf(maker.id).folder)).toBe(true);
    await (await openLab(maker.id)).destroy();
    expect(await traces(maker.id)).toEqual([]);
  });
});

/** Another process that makes a lab and then waits for its end. */
function makerOf(options: string) {
  const id = newLabId();
  const source = `
    const { createLab } = await import(${JSON.stringify(built)});
    const say = (line) => process.stdout.write(line + '\\n');
    await createLab({ id: ${JSON.stringify(id)}, ${options}, onProgress: say });
    say('made');
    setInterval(() => {}, 1e6);`;
  const child = execa(process.execPath, ['--input-type=module', '-e', source], {
    stdin: 'ignore',
    reject: false,
    all: true,
  });
  let said = '';
  child.all.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const kill = async () => {
    child.kill('SIGKILL');
    const { signal } = await child;
    expect(signal).toBe('SIGKILL');
    await pollUntil('the maker to be gone', () => isAbandoned({ ...entryOf(id), keep: false }), Boolean);
  };
  const until = (line: string) =>
    pollUntil(
      `the maker to say "${line}"`,
      () => {
        if (child.exitCode !== null) throw new Error(`The maker ended by itself: ${said}`);
        return said;
      },
      (text) => text.includes(line),
    );
  undos.push(async () => {
    child.kill('SIGKILL');
    await child;
    if (readEntry(id) !== undefined) await (await openLab(id)).destroy();
  });
  return { id, kill, until };
}

function entryOf(id: string) {
  const entry = readEntry(id);
  if (entry === undefined) throw new Error(`The lab ${id} is not in the registry.`);
  return entry;
}

function traces(id: string): Promise<string[]> {
  return tracesOf({ docker: labDocker(undefined), id, project: labNames(id, 'suffixed').project });
}
