import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { aliasFaults } from './alias-faults.ts';
import { type Fault, faultsOf, type Issue, TargetFaults, valueAt } from './faults.ts';
import { normalise } from './normalise.ts';
import { faultsAcross } from './rules.ts';
import { type Target, targetFile } from './schema.ts';
import { snapshotOf } from './snapshot.ts';

export interface LoadedFile {
  readonly target: Target;
  /** SHA-256 (hex) of the effective target. */
  readonly hash: string;
}

/**
 * Reads `rollback.yaml`, checks all of it and makes the effective target.
 * @throws TargetFaults with every fault; the system's error when the file cannot be read
 */
export function loadTarget(path: string): LoadedFile {
  const file = resolve(path);
  const target = parseTarget(readFileSync(file, 'utf8'), file);
  return { target, hash: snapshotOf(target).hash };
}

/** @param file absolute path the text was read from: relative paths start at its folder */
export function parseTarget(text: string, file: string): Target {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new TargetFaults(
      file,
      document.errors.map((error) => ({
        path: '',
        expectation: error.message.split('\n')[0] ?? error.message,
        value: undefined,
        line: error.linePos?.[0].line,
      })),
    );
  }
  const aliases = aliasFaults(document, lines);
  if (aliases.length > 0) throw new TargetFaults(file, aliases);
  const root = plainValue(document, file);
  const parsed = targetFile.safeParse(root, { error: expectationOf });
  const faults = parsed.success
    ? faultsAcross(parsed.data)
    : [...faultsOf(parsed.error.issues, root), ...faultsBesideUnknownKeys(root, parsed.error.issues)];
  if (!parsed.success || faults.length > 0) {
    throw new TargetFaults(
      file,
      faults.map((fault) => ({ ...fault, line: lineOf(document, fault, lines) })),
    );
  }
  return normalise(parsed.data, { fileDir: dirname(file), homeOf });
}

/** @throws TargetFaults for a file that its aliases would make grow beyond all bounds */
function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // The library's error for it; aliases that lead nowhere were told before.
    if (!(error instanceof ReferenceError)) throw error;
    throw new TargetFaults(file, [{ path: '', expectation: 'fewer aliases', value: undefined }]);
  }
}

/** Unknown keys are told and must not hide what else is wrong: without them the rules can be asked as well. */
function faultsBesideUnknownKeys(root: unknown, issues: readonly Issue[]): readonly Fault[] {
  const known = structuredClone(root);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') return [];
    const holder = valueAt(known, issue.path);
    for (const key of issue.keys)
      if (typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, key);
  }
  const parsed = targetFile.safeParse(known);
  return parsed.success ? faultsAcross(parsed.data) : [];
}

/** zod's words for a missing value and a wrong type, in ours; messages of the schema stay. */
function expectationOf(issue: { readonly code?: string; readonly expected?: string; readonly input?: unknown }) {
  if (issue.code !== 'invalid_type') return undefined;
  return issue.input === undefined
    ? `must be written (${issue.expected ?? 'a value'})`
    : `a value of type ${issue.expected}`;
}

/** The line of the value, or of the nearest thing around it that is there. */
function lineOf(document: Document, { path }: Fault, lines: LineCounter): number | undefined {
  const keys = path === '' ? [] : path.split('.');
  for (let length = keys.length; length > 0; length -= 1) {
    const node = document.getIn(keys.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return isMap(document.contents) && document.contents.range
    ? lines.linePos(document.contents.range[0]).line
    : undefined;
}

/** Home of whoever owns the path; ours where the system does not know the owner or the path is not there. */
function homeOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.uid === process.getuid?.()) return homedir();
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((text) => text.split(':'))
    .find((fields) => fields[2] === String(stat.uid));
  return line?.[5] || homedir();
}
