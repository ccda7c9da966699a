import { writeSync } from 'node:fs';

const standardError = 2;

/** Lines that found no place since the last one that did: told with it, so that nobody takes silence for peace. */
let lost = 0;

/**
 * Writes one line to the log of this process (its standard error), or loses it: an experiment that has filled the disk
 * must not end what stops it. Node's own streams throw an 'error' that nobody hears, and end the process.
 */
export function logLine(text: string): void {
  const missed = lost === 0 ? '' : `${stamp()} ${lost} lines could not be written here and are lost.\n`;
  const line = Buffer.from(`${missed}${stamp()} ${text.trimEnd()}\n`);
  try {
    // A short write is a full disk as well: what is there of the line stays, the next one begins behind it.
    if (writeSync(standardError, line) < line.length) lost += 1;
    else lost = 0;
  } catch {
    // ENOSPC, EIO, a closed pipe: a log is worth less than the process that writes it.
    lost += 1;
  }
}

/** Whatever else writes to the standard streams, a library for one, loses its text instead of ending the process. */
export function outliveLogFailures(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function stamp(): string {
  return new Date().toISOString();
}
