import type { Point } from '../points.ts';

/** One fault in a copy of the vault's sources, and where the sweep looks for it first. */
export interface Mutant {
  readonly name: string;
  /** Below the project. */
  readonly file: string;
  /** Stands in the file exactly once, or the mutant itself is out of date. */
  readonly from: string;
  readonly to: string;
  readonly operation: string;
  /** Points that can meet it; without it the unbroken run shows it. */
  readonly points?: (point: Point) => boolean;
  readonly how?: 'frozen' | 'twins';
}

export const mutants: readonly Mutant[] = [
  {
    name: 'a copied file without its fsync',
    file: 'vault/place-entry.ts',
    from: '  await fsyncAsync(to);\n',
    to: '',
    operation: 'restore-whole',
  },
  {
    name: 'a copy put in place without an fsync of its folder',
    file: 'vault/copy-tree.ts',
    from: '    renameSync(partial, destination);\n    syncDir(dirname(destination));\n',
    to: '    renameSync(partial, destination);\n',
    operation: 'checkpoint',
  },
  {
    name: 'a record without its fsync',
    file: 'vault/durable-file.ts',
    from: '    fsyncSync(fd);\n  } catch (error) {\n    // After EIO',
    to: '  } catch (error) {\n    // After EIO',
    operation: 'safety-copy',
  },
  {
    name: 'a journal record without its fdatasync',
    file: 'vault/journal.ts',
    from: '      fdatasyncSync(this.#fd);\n',
    to: '',
    operation: 'restore-whole',
  },
  {
    name: 'kept files not durable when they are replaced',
    file: 'vault/restore/keep-aside.ts',
    from: '  work.aside.sync();\n',
    to: '',
    operation: 'restore-whole',
  },
  {
    name: 'the renames of keeping and of putting in place swapped',
    file: 'vault/restore-tree.ts',
    from: '  await keepAside(work);\n  return putInPlace(work);\n',
    to: '  const counts = await putInPlace(work);\n  await keepAside(work);\n  return counts;\n',
    operation: 'restore-whole',
  },
  {
    name: 'a bad source no reason to stop',
    file: 'vault/restore/stage.ts',
    from: '  if (count > 0) throw new SourceRefused({ source: work.request.copy, count, problems });\n',
    to: '',
    operation: 'restore-damaged',
  },
  {
    name: 'the hash of a staged file not compared',
    file: 'vault/restore/stage.ts',
    from: "return placed.sha256 === entry.sha256 ? undefined : 'its content in the source has the wrong hash';",
    to: 'return undefined;',
    operation: 'restore-damaged',
  },
  {
    name: 'the hashes of a copy not compared',
    file: 'vault/copy-tree.ts',
    from: '    if (problems.count > 0) throw new VerifyFailed({ path: partial, ...problems });\n',
    to: '',
    operation: 'checkpoint',
    points: ({ fault }) => fault === 'lie',
  },
  {
    name: 'the hash of a restored file not compared',
    file: 'vault/restore-file.ts',
    from: "      if (placed.sha256 !== request.expectedSha256) throw refusedSource(request, 'its content has the wrong hash');\n",
    to: '',
    operation: 'restore-wrong-file',
  },
  {
    name: 'a replaced file not kept',
    file: 'vault/restore/keep-aside.ts',
    from: "    case 'put':\n    case 'relink':\n",
    to: "    case 'put':\n      return undefined;\n    case 'relink':\n",
    operation: 'restore-changed',
  },
  {
    name: 'a half-done copy left on a full disk',
    file: 'vault/copy-tree.ts',
    from: '    rmSync(partial, { recursive: true, force: true });\n    return cause;\n',
    to: '    return cause;\n',
    operation: 'checkpoint',
    points: ({ fault, call }) => fault === 'ENOSPC' && call.group === 'write',
  },
  {
    name: 'a safety copy without its record taken for whole',
    file: 'vault/safety-copy.ts',
    from: '  if (nameExists(data)) rmSync(data, { recursive: true });\n',
    to: '',
    operation: 'safety-copy',
    points: ({ fault, call }) => fault === 'kill' && call.group === 'rename',
  },
  {
    name: 'the epoch not checked before an effect',
    file: 'vault/epoch.ts',
    from: '  if (epoch !== token.epoch) {\n    throw new StaleAttempt',
    to: '  if (epoch < 0) {\n    throw new StaleAttempt',
    operation: 'restore-whole',
    how: 'twins',
  },
  {
    name: 'an older process not ended',
    file: 'vault/processes.ts',
    from: "  if (!kill(older.pid)) return 'not-permitted';\n",
    to: "  if (older.pid > 0) return 'ended';\n",
    operation: 'restore-file',
    points: ({ call }) => call.name === 'getdents64',
    how: 'frozen',
  },
];
