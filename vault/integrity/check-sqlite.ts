import { closeSync, lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DirTree } from '../dir-tree.ts';
import { openForReading } from '../hash-file.ts';
import type { ManifestEntry } from '../manifest/entry.ts';
import { createNew, fillFile } from '../place-entry.ts';
import { sqliteCompanions } from '../restore/restore-types.ts';
import { runTool, type ToolResult } from '../run-tool.ts';
import type { CheckResult } from './integrity-types.ts';
import { Offenders } from './offenders.ts';

interface Places {
  readonly root: string;
  /** A folder of ours for the copies. */
  readonly work: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * SQLite's own check, on a copy: opening a database beside its journal would replay or delete the journal, and that is
 * a change of the data. The copy goes to a folder of ours with the same ending names.
 */
export async function checkSqlite(
  check: { readonly kind: 'sqlite'; readonly glob: string },
  places: Places,
  found: readonly ManifestEntry[],
): Promise<CheckResult> {
  const files = found.filter((entry) => entry.type === 'file' && !isCompanion(entry.path));
  if (files.length === 0)
    return { check, outcome: 'unknown', reason: `no file matches ${check.glob}`, count: 0, paths: [] };
  const offenders = new Offenders();
  for (const entry of files) {
    const answer = await askSqlite(places, entry);
    if (answer === undefined) {
      return { check, outcome: 'unknown', reason: 'sqlite3 is not installed here', count: 0, paths: [] };
    }
    if (answer.outcome === 'fail') offenders.add(entry.path, answer.said);
    if (answer.outcome === 'unknown') offenders.leaveOpen(entry.path, answer.said);
  }
  return offenders.result(check, { good: `${files.length} database(s) pass`, bad: 'database(s) fail their check' });
}

/** Exit codes by which sqlite3 says that the file is bad: SQLITE_CORRUPT, SQLITE_NOTADB (sqlite.org/rescode.html). */
const badFileCodes: readonly number[] = [11, 26];

interface Answer {
  readonly outcome: CheckResult['outcome'];
  readonly said: string;
}

async function askSqlite({ root, work, signal }: Places, entry: ManifestEntry): Promise<Answer | undefined> {
  const folder = mkdtempSync(join(work, 'sqlite-'));
  try {
    const copy = await copyUnit(root, entry.path, folder);
    // An empty file is a valid empty database to SQLite; that it lost its content shows in the general rule.
    const run = await runTool({
      tool: 'sqlite3',
      args: ['-batch', copy, 'PRAGMA integrity_check;'],
      cwd: folder,
      timeoutMs: 300_000,
      signal,
    });
    if (run === undefined) return undefined;
    return answerOf(run);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Killed, out of memory, out of disk: sqlite3 then says nothing about the file. */
function answerOf({ code, timedOut, stdout, stderr }: ToolResult): Answer {
  const listed = stdout.toString('utf8').trim();
  const text = listed || stderr.toString('utf8').trim() || (timedOut ? 'it did not end' : `sqlite3 ended with ${code}`);
  const said = text.split('\n')[0]?.slice(0, 200) ?? '';
  if (code === 0) return { outcome: listed === 'ok' ? 'pass' : 'fail', said };
  return { outcome: code !== null && badFileCodes.includes(code) ? 'fail' : 'unknown', said };
}

async function copyUnit(root: string, path: Buffer, folder: string): Promise<string> {
  const tree = new DirTree(root);
  const copy = join(folder, 'db');
  try {
    for (const ending of ['', ...sqliteCompanions]) {
      const at = tree.at(Buffer.concat([path, Buffer.from(ending)]));
      const stat = lstatSync(at, { throwIfNoEntry: false });
      if (stat?.isFile() !== true) continue;
      await copyOne(at, `${copy}${ending}`, stat.size);
    }
  } finally {
    tree.close();
  }
  return copy;
}

async function copyOne(from: Buffer, to: string, size: number): Promise<void> {
  const source = openForReading(from);
  try {
    const target = createNew(to);
    const own = { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mtimeUs: 0 };
    try {
      await fillFile(source, target, { size, metadata: own });
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function isCompanion(path: Buffer): boolean {
  return sqliteCompanions.some((ending) => path.subarray(-ending.length).equals(Buffer.from(ending)));
}
