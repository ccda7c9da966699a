import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own for a test, removed after it. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vault-test-'));
  made.push(folder);
  return folder;
}

/** All that a stream gives. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** For acts whose fence is not what is tested. */
export const unfenced = (): void => undefined;

/** A byte path below a folder: names need not be text. */
export function bytesIn(folder: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), name]);
}

/** Names that break shells, globs, options, terminals and text. */
export const hostileNames: readonly Buffer[] = [
  Buffer.from('with spaces.txt'),
  Buffer.from('line\nbreak\n\nand # file: x'),
  Buffer.from('-rf'),
  Buffer.from('*'),
  Buffer.from('[a]{b,c}?.backup'),
  Buffer.from('back\\slash and "quote" and \'quote\''),
  Buffer.from('bidi \u202egpj.exe'),
  Buffer.from('next\u2028line'),
  Buffer.from([0x6e, 0x6f, 0x74, 0xff, 0xfe, 0x75, 0x74, 0x66]),
  Buffer.from(`${'long'.repeat(63)}.x`),
];

/** A tree of agent data as it is found: links of all kinds, hostile names, modes, times, an empty folder. */
export function makeAgentTree(root: string): void {
  mkdirSync(join(root, 'skills/deep/er'), { recursive: true });
  mkdirSync(join(root, 'empty folder'));
  mkdirSync(join(root, 'a'));
  writeFileSync(join(root, 'a/inside'), 'inside a');
  writeFileSync(join(root, 'a-b'), 'sorts before a/inside bytewise, after it in the walk');
  for (const [index, name] of hostileNames.entries()) writeFileSync(bytesIn(root, name), `content ${index}`);
  for (let index = 0; index < 12; index += 1)
    writeFileSync(join(root, `skills/skill-${index}.json`), `{"id":${index}}`);
  writeFileSync(join(root, 'skills/deep/er/big.bin'), Buffer.alloc(400_000, 'big'));
  writeFileSync(join(root, 'zero'), '');
  writeFileSync(join(root, 'tool'), '#!/bin/sh\n');
  chmodSync(join(root, 'tool'), 0o4755);
  symlinkSync('skills/skill-1.json', join(root, 'relative link'));
  symlinkSync('/etc/hostname', join(root, 'absolute link'));
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync('../..', join(root, 'skills/deep/up'));
  symlinkSync('nowhere', join(root, 'dangling'));
  linkSync(join(root, 'skills/skill-2.json'), join(root, 'zz hard link'));
  lutimesSync(join(root, 'dangling'), 1_600_000_000.25, 1_600_000_000.25);
  utimesSync(join(root, 'skills/skill-3.json'), 1_500_000_000.123456, 1_500_000_000.123456);
  utimesSync(join(root, 'skills'), 1_400_000_000, 1_400_000_000);
  spawnSync('setfattr', ['-n', 'user.origin', '-v', 'a\nb', join(root, 'skills/skill-4.json')]);
}

/** Normal life and damage since the checkpoint: every kind of difference at least once. */
export function disturb(root: string): void {
  writeFileSync(join(root, 'skills/skill-0.json'), '{"id":"changed"}');
  writeFileSync(join(root, 'skills/deep/er/big.bin'), '');
  rmSync(join(root, 'skills/skill-5.json'));
  rmSync(join(root, 'a'), { recursive: true });
  writeFileSync(join(root, 'a'), 'a file where a folder was');
  rmSync(join(root, 'zero'));
  mkdirSync(join(root, 'zero/with'), { recursive: true });
  writeFileSync(join(root, 'zero/with/content'), 'a folder where a file was');
  rmSync(join(root, 'relative link'));
  symlinkSync('/etc/passwd', join(root, 'relative link'));
  rmSync(join(root, 'zz hard link'));
  writeFileSync(join(root, 'zz hard link'), '{"id":2}');
  chmodSync(join(root, 'tool'), 0o644);
  mkdirSync(join(root, 'extra folder/below'), { recursive: true });
  writeFileSync(join(root, 'extra folder/below/new'), 'made since the checkpoint');
  for (const name of hostileNames.slice(0, 5)) writeFileSync(bytesIn(root, name), 'overwritten');
}
