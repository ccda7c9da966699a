import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matcherOf } from './glob.ts';
import { checkCommand } from './integrity/check-command.ts';
import { checkJson } from './integrity/check-json.ts';
import { checkSqlite } from './integrity/check-sqlite.ts';
import type { CheckResult, IntegrityCheck, IntegrityVerdict } from './integrity/integrity-types.ts';
import { Offenders } from './integrity/offenders.ts';
import { mergeManifests } from './manifest/compare.ts';
import type { ManifestEntry } from './manifest/entry.ts';
import { readManifest } from './manifest/read.ts';
import { writeManifest } from './manifest/write.ts';

export type { CheckResult, IntegrityCheck, IntegrityVerdict } from './integrity/integrity-types.ts';

export interface IntegrityRequest {
  /** Real path of the data root. It is read, never written. */
  readonly root: string;
  readonly checks: readonly IntegrityCheck[];
  /** Manifest of the checkpoint, for `immutable` and for the general rule; without it those are unknown or not asked. */
  readonly checkpointManifest?: string | undefined;
  /** Manifest of the data as they are now, where one was just made: then they are not read a second time. */
  readonly nowManifest?: string | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Judges a data root by its declared checks (runbook Phase 2, 1; design §1 "corrupt"): a failed check, or a file of the
 * checkpoint that is now empty or unreadable, is corruption. Data that merely changed are not. When nothing was declared
 * or a check could not run, and nothing failed, the answer is unknown, which asks.
 */
export async function checkIntegrity(request: IntegrityRequest): Promise<IntegrityVerdict> {
  const work = mkdtempSync(join(tmpdir(), 'rollback-integrity-'));
  try {
    const now = request.nowManifest ?? join(work, 'now.jsonl');
    if (request.nowManifest === undefined) {
      await writeManifest(request.root, now, { exclude: request.exclude, signal: request.signal });
    }
    const results: CheckResult[] = [];
    for (const check of request.checks) results.push(await runCheck(check, { request, now, work }));
    const general = await checkEmptied(request, now);
    return judge(results, general);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Verdict of a root from the results of its checks. Pure. */
export function judge(results: readonly CheckResult[], general: CheckResult | undefined): IntegrityVerdict {
  const all = general === undefined ? results : [...results, general];
  const failed = all.filter((result) => result.outcome === 'fail');
  if (failed.length > 0) return { verdict: 'corrupt', reasons: failed.map(sentence), results: all };
  const unknown = results.filter((result) => result.outcome === 'unknown');
  if (unknown.length > 0) return { verdict: 'unknown', reasons: unknown.map(sentence), results: all };
  if (results.length === 0) return { verdict: 'unknown', reasons: ['no integrity check is declared'], results: all };
  return { verdict: 'sound', reasons: all.map(sentence), results: all };
}

interface Context {
  readonly request: IntegrityRequest;
  readonly now: string;
  readonly work: string;
}

async function runCheck(check: IntegrityCheck, context: Context): Promise<CheckResult> {
  switch (check.kind) {
    case 'json':
      return checkJson(check, context.request.root, await matching(context.now, check.glob));
    case 'sqlite':
      return checkSqlite(
        check,
        { root: context.request.root, work: context.work, signal: context.request.signal },
        await matching(context.now, check.glob),
      );
    case 'command':
      return checkCommand(check, context.request.root, context.request.signal);
    case 'exists':
      return checkExists(check, await matching(context.now, check.glob));
    case 'nonempty':
      return checkNonEmpty(check, await matching(context.now, check.glob));
    case 'immutable':
      return checkImmutable(check, context);
  }
}

async function matching(manifest: string, glob: string): Promise<readonly ManifestEntry[]> {
  const matches = matcherOf([glob]);
  const found: ManifestEntry[] = [];
  for await (const entry of readManifest(manifest)) if (entry.path.length > 0 && matches(entry.path)) found.push(entry);
  return found;
}

function checkExists(check: { kind: 'exists'; glob: string }, found: readonly ManifestEntry[]): CheckResult {
  const there = found.length > 0;
  const reason = there ? `${found.length} path(s) match ${check.glob}` : `nothing matches ${check.glob}`;
  return { check, outcome: there ? 'pass' : 'fail', reason, count: 0, paths: [] };
}

function checkNonEmpty(check: { kind: 'nonempty'; glob: string }, found: readonly ManifestEntry[]): CheckResult {
  const offenders = new Offenders();
  const files = found.filter((entry) => entry.type === 'file');
  for (const entry of files) if (entry.size === 0) offenders.add(entry.path);
  if (files.length === 0)
    return { check, outcome: 'fail', reason: `no file matches ${check.glob}`, count: 0, paths: [] };
  return offenders.result(check, { good: `${files.length} file(s) hold something`, bad: 'file(s) are empty' });
}

async function checkImmutable(check: { kind: 'immutable'; glob: string }, context: Context): Promise<CheckResult> {
  const { checkpointManifest } = context.request;
  if (checkpointManifest === undefined) {
    return {
      check,
      outcome: 'unknown',
      reason: 'there is no recorded checkpoint to compare with',
      count: 0,
      paths: [],
    };
  }
  const matches = matcherOf([check.glob]);
  const offenders = new Offenders();
  for await (const { path, difference } of mergeManifests(checkpointManifest, context.now)) {
    const changed = difference !== undefined && difference.kind !== 'metadata';
    if (changed && matches(path)) offenders.add(path);
  }
  return offenders.result(check, {
    good: `${check.glob} is as in the checkpoint`,
    bad: 'path(s) differ from the checkpoint',
  });
}

/** The rule that holds without being declared: what had content must not be empty or unreadable now. */
async function checkEmptied(request: IntegrityRequest, now: string): Promise<CheckResult | undefined> {
  const offenders = new Offenders();
  const check = { kind: 'checkpoint-files' } as const;
  if (request.checkpointManifest === undefined) {
    for await (const entry of readManifest(now)) if (entry.unreadable !== undefined) offenders.add(entry.path);
    return offenders.count === 0 ? undefined : offenders.result(check, { good: '', bad: 'path(s) cannot be read' });
  }
  for await (const { path, a, b } of mergeManifests(request.checkpointManifest, now)) {
    const emptied = a?.type === 'file' && a.size > 0 && b?.type === 'file' && b.size === 0;
    if (emptied || b?.unreadable !== undefined) offenders.add(path);
  }
  const good = 'no file of the checkpoint is empty or unreadable now';
  return offenders.result(check, { good, bad: 'path(s) are empty or unreadable now' });
}

function sentence({ check, outcome, reason, paths }: CheckResult): string {
  const what = 'glob' in check ? `${check.kind} ${check.glob}` : check.kind;
  const first = paths[0] === undefined ? '' : `, first: ${paths[0]}`;
  return `${what}: ${outcome}, ${reason}${first}`;
}
