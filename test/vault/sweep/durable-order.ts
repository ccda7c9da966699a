import { dirname } from 'node:path';
import type { Call } from './calls.ts';

/** Which paths mean what, for the rules below. */
export interface Grounds {
  /** Data of the system: what is renamed over in here must have been kept before. */
  readonly target: string;
  /** Where replaced files are kept, and the journal that announces it. */
  readonly kept: string;
  readonly journal: string;
  /** What need not outlive a reboot. */
  readonly volatile: string;
}

/**
 * A dropped fsync shows in no kill: the kernel keeps what a killed process wrote. So the order of the calls is judged,
 * by what a power cut may leave of them: content without an fsync of the file, and names without one of their folder.
 *
 * 1. Nothing is renamed or linked to a name that counts while it, or what is in it, is not durable.
 * 2. No name in the target is replaced while what was kept of it, or the journal's intent, is not durable.
 * 3. At the end nothing is left that is not durable, unless it was refused: then it has made nothing that counts.
 * @returns each breach of a rule, with its call
 */
export function orderFaults(calls: readonly Call[], grounds: Grounds, { ends }: { readonly ends: boolean }): string[] {
  const ledger = new Ledger(grounds);
  for (const call of calls) ledger.take(call);
  const left = ends ? ledger.left() : [];
  return [...ledger.faults, ...left.map((path) => `at the end ${path} is not durable`)];
}

class Ledger {
  readonly faults: string[] = [];
  readonly #grounds: Grounds;
  readonly #folders = new Map<string, string>();
  readonly #content = new Set<string>();
  readonly #names = new Set<string>();

  constructor(grounds: Grounds) {
    this.#grounds = grounds;
  }

  take(call: Call): void {
    if (call.returned < 0) return;
    const [first, second] = this.#paths(call.text);
    switch (call.group) {
      case 'open':
        this.#opened(call, first);
        return;
      case 'write':
        this.#content.add(this.#written(call));
        return;
      case 'fsync':
        this.#synced(first);
        return;
      case 'mkdir':
        this.#names.add(first);
        return;
      case 'link':
        this.#linked(call, first, second);
        return;
      case 'rename':
        this.#renamed(call, first, second);
        return;
      case 'unlink':
        for (const set of [this.#content, this.#names]) for (const path of within(set, first)) set.delete(path);
        return;
      default:
    }
  }

  left(): string[] {
    const { volatile } = this.#grounds;
    const all = new Set([...this.#content, ...this.#names]);
    return [...all].filter((path) => path !== volatile && !isIn(volatile, path));
  }

  #opened({ text }: Call, path: string): void {
    const [, fd = '', at = ''] = /= (\d+)<(.*)>$/.exec(text) ?? [];
    this.#folders.set(fd, at);
    if (text.includes('O_CREAT')) this.#names.add(path);
    if (text.includes('O_EXCL')) this.#content.add(path);
  }

  #synced(path: string): void {
    this.#content.delete(path);
    for (const name of this.#names) if (dirname(name) === path) this.#names.delete(name);
  }

  #linked({ name, text }: Call, from: string, to: string): void {
    if (!name.startsWith('symlink') && this.#content.has(from))
      this.faults.push(`linked before it was durable: ${text}`);
    this.#names.add(to);
  }

  #renamed({ text }: Call, from: string, to: string): void {
    const { target, kept, journal } = this.#grounds;
    const inside = [...within(this.#content, from), ...within(this.#names, from).filter((path) => path !== from)];
    if (inside.length > 0) this.faults.push(`renamed before it was durable (${inside[0]}): ${text}`);
    const touches = isIn(target, from) || isIn(target, to);
    if (touches && this.#content.has(journal)) this.faults.push(`done before its intent was durable: ${text}`);
    const unkept = [...within(this.#content, kept), ...within(this.#names, kept)].filter((path) => !isScratch(path));
    if (isIn(target, to) && unkept.length > 0) this.faults.push(`replaced before ${unkept[0]} was durable: ${text}`);
    for (const set of [this.#content, this.#names]) {
      for (const path of within(set, from)) {
        set.delete(path);
        set.add(`${to}${path.slice(from.length)}`);
      }
    }
    this.#names.add(to);
    if (isIn(target, from)) this.#names.add(from);
  }

  /** Paths of a call as the kernel sees them: a name below a descriptor is one below that folder. */
  #paths(text: string): [string, string] {
    const found = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|\d+<([^>]*)>/g)].map(([, named, held]) => named ?? held ?? '');
    const [first = '', second = ''] = found.map((path) =>
      path.replace(/^\/proc\/self\/fd\/(\d+)/, (whole, fd: string) => this.#folders.get(fd) ?? whole),
    );
    return [first, second];
  }

  /** copy_file_range and sendfile name the source as well. */
  #written({ name, text }: Call): string {
    const held = [...text.matchAll(/\d+<([^>]*)>/g)].map(([, path]) => path ?? '');
    return (name === 'copy_file_range' ? held[1] : held[0]) ?? '';
  }
}

function within(set: ReadonlySet<string>, folder: string): string[] {
  return [...set].filter((path) => path === folder || isIn(folder, path));
}

function isIn(folder: string, path: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** Of one attempt only: nobody misses it. */
function isScratch(path: string): boolean {
  return path.includes('/attempt-');
}
