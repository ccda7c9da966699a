import type { ClientFailure } from './failures.ts';
import type { Style } from './style.ts';
import { oneLine } from './text.ts';

/** A failure for people: one clear line, its particulars, what to do next. */
export function renderFailure(failure: ClientFailure, style: Style): readonly string[] {
  return [
    `${style.red('rollback:')} ${oneLine(failure.message)}`,
    ...failure.details.map((detail) => `  - ${oneLine(detail)}`),
    ...failure.next.map((next) => `  ${style.dim('→')} ${next}`),
  ];
}
