import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { awkwardName } from './names.ts';

/** One thing in a tree; `at` chooses its folder, or for a further name the file, among those that are there by then. */
export type Thing = { readonly at: number; readonly name: Buffer } & (
  | { readonly kind: 'file'; readonly content: string; readonly mode: number; readonly seconds: number }
  | { readonly kind: 'dir'; readonly mode: number }
  | { readonly kind: 'symlink'; readonly link: Buffer }
  | { readonly kind: 'hard link'; readonly of: number }
  | { readonly kind: 'fifo' | 'socket' | 'device' }
);

/** Out of the root, in circles, into nothing, or to a neighbour under an awkward name. */
const links = fc.oneof(
  fc
    .constantFrom('loop', '.', '..', '../../../../etc', '/etc/passwd', '../outside', '../outside/secret', 'nowhere')
    .map((text) => Buffer.from(text)),
  awkwardName,
);

const kinds = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('file' as const),
      content: fc.string({ maxLength: 40 }),
      mode: fc.constantFrom(0o644, 0o600, 0o444, 0o4755, 0o2755, 0o1777, 0o000),
      seconds: fc.integer({ min: -1_000_000, max: 2_000_000_000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('dir' as const), mode: fc.constantFrom(0o755, 0o700, 0o2775, 0o555) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('symlink' as const), link: links }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hard link' as const), of: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('fifo' as const, 'socket' as const, 'device' as const) }) },
);

/** Names are few and awkward, so that a second tree meets the first one's. */
export function hostileTrees(): fc.Arbitrary<{ readonly names: readonly Buffer[]; readonly trees: Thing[][] }> {
  return fc
    .uniqueArray(awkwardName, { minLength: 4, maxLength: 7, selector: (name) => name.toString('latin1') })
    .chain((names) => {
      const thing = fc
        .tuple(fc.nat(20), fc.constantFrom(...names), kinds)
        .map(([at, name, kind]) => ({ at, name, ...kind }));
      return fc.record({
        names: fc.constant(names),
        trees: fc.tuple(
          fc.array(thing, { minLength: 3, maxLength: 14 }),
          fc.array(thing, { minLength: 1, maxLength: 8 }),
        ),
      });
    });
}

/** Makes the things of a tree, in their order, in place of what has their name. */
export async function makeHostileTree(root: string, things: readonly Thing[]): Promise<void> {
  const folders = [Buffer.from(root)];
  const files: Buffer[] = [];
  for (const thing of things) {
    const folder = folders[thing.at % folders.length];
    // Its folder may have been replaced by something else meanwhile.
    if (folder === undefined || !existsSync(Buffer.concat([folder, Buffer.from('/.')]))) continue;
    const at = Buffer.concat([folder, Buffer.from('/'), thing.name]);
    rmSync(at, { recursive: true, force: true });
    if (thing.kind === 'dir') folders.push(at);
    if (thing.kind === 'file') files.push(at);
    await make(at, thing, files);
  }
}

async function make(at: Buffer, thing: Thing, files: readonly Buffer[]): Promise<void> {
  switch (thing.kind) {
    case 'file':
      writeFileSync(at, thing.content);
      utimesSync(at, String(thing.seconds), String(thing.seconds));
      chmodSync(at, thing.mode);
      return;
    case 'dir':
      mkdirSync(at);
      chmodSync(at, thing.mode);
      return;
    case 'symlink':
      symlinkSync(thing.link, at);
      lutimesSync(at, 1_600_000_000, 1_600_000_000);
      return;
    case 'hard link': {
      const there = files.filter((file) => existsSync(file) && lstatSync(file).isFile());
      const first = there[thing.of % Math.max(there.length, 1)];
      if (first !== undefined) linkSync(first, at);
      return;
    }
    default:
      await makeSpecial(at, thing.kind);
  }
}

/** Programs cannot be given names that are no text: made elsewhere, then renamed. */
async function makeSpecial(at: Buffer, kind: 'fifo' | 'socket' | 'device'): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vault-special-'));
  const made = join(folder, 'special');
  if (kind === 'socket') {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(made, resolve);
    });
    renameSync(made, at);
    await new Promise((resolve) => server.close(resolve));
  } else {
    const args = kind === 'fifo' ? ['-m', '600', made, 'p'] : ['-m', '600', made, 'c', '1', '3'];
    const run = spawnSync('mknod', args, { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    renameSync(made, at);
  }
  rmSync(folder, { recursive: true, force: true });
}
