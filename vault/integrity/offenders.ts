import { showPath } from '../path-text.ts';
import type { CheckResult } from './integrity-types.ts';

/** Counts offending paths and keeps the first twenty; beside them what could not be judged, which is neither. */
export class Offenders {
  count = 0;
  readonly #first: string[] = [];
  readonly #unjudged: string[] = [];

  add(path: Buffer, why?: string): void {
    this.count += 1;
    if (this.#first.length < 20) this.#first.push(shown(path, why));
  }

  /** A check that could not run says nothing about the data. */
  leaveOpen(path: Buffer, why: string): void {
    this.#unjudged.push(shown(path, why));
  }

  result(check: CheckResult['check'], say: { readonly good: string; readonly bad: string }): CheckResult {
    if (this.count > 0) {
      return { check, outcome: 'fail', reason: `${this.count} ${say.bad}`, count: this.count, paths: this.#first };
    }
    if (this.#unjudged.length > 0) {
      const reason = `${this.#unjudged.length} file(s) could not be checked`;
      return { check, outcome: 'unknown', reason, count: 0, paths: this.#unjudged.slice(0, 20) };
    }
    return { check, outcome: 'pass', reason: say.good, count: 0, paths: [] };
  }
}

function shown(path: Buffer, why: string | undefined): string {
  return why === undefined ? showPath(path) : `${showPath(path)} (${why})`;
}
