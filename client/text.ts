import { stripVTControlCharacters } from 'node:util';

/** Visible length: colour codes take no room. */
export function visibleLength(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Cuts plain text to a length, with an ellipsis. */
export function clip(text: string, length: number): string {
  const chars = [...text];
  if (chars.length <= length) return text;
  return length <= 1 ? '…'.slice(0, Math.max(0, length)) : `${chars.slice(0, length - 1).join('')}…`;
}

/** Breaks plain text at spaces; later lines are indented alike. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of oneLine(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > Math.max(20, width - indent.length)) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((part) => `${indent}${part}`);
}

/**
 * What came from logs and servers on one line, without control characters that could repaint a terminal.
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(controls, ' ').trim();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const controls = /[\u0000-\u001f\u007f]+/g;

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1536` → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Local wall-clock time of an ISO instant: what the operator's own clock shows. */
export function clockTime(iso: string): string {
  const at = new Date(iso);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Local date and time. */
export function dateTime(iso: string): string {
  const at = new Date(iso);
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  return `${day} ${clockTime(iso)}`;
}
