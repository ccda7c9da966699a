import type { WriteStream } from 'node:tty';

/** What renderers know of the place they write for. Without colour every mark is still told by a word or sign. */
export interface Style {
  readonly width: number;
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
  cyan(text: string): string;
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
  cyan: [36, 39],
} as const;

/** @param width columns; lines are cut or wrapped to it */
export function makeStyle(width: number, colour: boolean): Style {
  const paint = (name: keyof typeof codes) => (text: string) => {
    const [on, off] = codes[name];
    return colour && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  };
  return {
    width,
    bold: paint('bold'),
    dim: paint('dim'),
    green: paint('green'),
    yellow: paint('yellow'),
    red: paint('red'),
    cyan: paint('cyan'),
  };
}

/** Colour only on a terminal that wants it (no-color.org); a pipe gets plain text of any length. */
export function styleOf(stream: Pick<WriteStream, 'isTTY' | 'columns'>, env: NodeJS.ProcessEnv): Style {
  const terminal = stream.isTTY === true;
  const noColour = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return makeStyle(terminal ? Math.max(40, stream.columns || 80) : 4_000, terminal && !noColour);
}
