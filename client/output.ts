import type { Style } from './style.ts';
import { styleOf } from './style.ts';

/** Where a command writes: people's lines, or with `--json` exactly one JSON value on stdout. */
export interface Output {
  readonly json: boolean;
  readonly style: Style;
  /** stdout is a terminal: repainting is possible. */
  readonly terminal: boolean;
  /** Somebody can be asked: both stdin and stdout are a terminal, and JSON is not wanted. */
  readonly interactive: boolean;
  /** For people; with `--json` nothing. */
  lines(lines: readonly string[]): void;
  /** On the way to the result, to stderr: shown with and without `--json`. */
  aside(line: string): void;
  /** The result for programs; without `--json` nothing. */
  result(value: unknown): void;
}

export function processOutput(json: boolean): Output {
  const terminal = process.stdout.isTTY === true;
  return {
    json,
    style: styleOf(process.stdout, process.env),
    terminal: terminal && !json,
    interactive: terminal && process.stdin.isTTY === true && !json,
    lines: (lines) => {
      if (!json && lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
    },
    aside: (line) => void process.stderr.write(`${line}\n`),
    result: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
  };
}
