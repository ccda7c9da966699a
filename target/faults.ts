import type { z } from 'zod';

/** One thing wrong with a target file. */
export interface Fault {
  /** `data.0.path` */
  readonly path: string;
  readonly expectation: string;
  readonly value: unknown;
  /** From 1, where it can be told. */
  readonly line?: number | undefined;
}

/** All faults of a target file at once, so that one reading mends it. */
export class TargetFaults extends Error {
  readonly file: string;
  readonly faults: readonly Fault[];

  constructor(file: string, faults: readonly Fault[]) {
    super(`${file} has ${faults.length} fault${faults.length === 1 ? '' : 's'}.`);
    this.name = 'TargetFaults';
    this.file = file;
    this.faults = faults;
  }
}

export type Issue = z.core.$ZodIssue;

/** zod's issues as faults; alternatives of a union are told as the one that came closest. */
export function faultsOf(issues: readonly Issue[], root: unknown): readonly Fault[] {
  return issues.flatMap((issue) => faultOf(issue, root));
}

function faultOf(issue: Issue, root: unknown): readonly Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key]),
      expectation: 'no such key is known here',
      value: valueAt(root, [...issue.path, key]),
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a))[0] ?? [];
    if (depthOf(closest) > 0) {
      return closest.flatMap((inner) => faultOf({ ...inner, path: [...issue.path, ...inner.path] } as Issue, root));
    }
  }
  return [{ path: pathOf(issue.path), expectation: issue.message, value: valueAt(root, issue.path) }];
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
