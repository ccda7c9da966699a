import { showPath } from '../path-text.ts';
import type { CheckResult } from './integrity-types.ts';

/** Counts offending paths and keeps the first twenty. */
export class Offenders {
  count = 0;
  readonly #first: string[] = [];

  add(path: Buffer, why?: string): void {
    this.count += 1;
    if (this.#first.length < 20) this.#first.push(why === undefined ? showPath(path) : `${showPath(path)} (${why})`);
  }

  result(check: CheckResult['check'], say: { readonly good: string; readonly bad: string }): CheckResult {
    if (this.count === 0) return { check, outcome: 'pass', reason: say.good, count: 0, paths: [] };
    return { check, outcome: 'fail', reason: `${this.count} ${say.bad}`, count: this.count, paths: this.#first };
  }
}
