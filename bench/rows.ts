import type { Cost } from './run-acts.ts';

/** One line of the table: what was measured, its value, and the bound it must keep. */
export interface Row {
  readonly what: string;
  readonly value: string;
  readonly bound: string;
  readonly kept: boolean;
}

export const mebibyte = 1024 * 1024;

/** An act's result may be as long as its words are allowed to be, and no longer, however much there is. */
const payloadBound = 4_096;

/** @param peakBound bytes that the acts may take on top of what the process had before */
export function rowsOf(about: string, { acts, startBytes, peakBytes }: Cost, peakBound: number): readonly Row[] {
  return [
    ...acts.map(({ act, payloadBytes, outcome }) => ({
      what: `${about}: result of ${act} (${outcome})`,
      value: `${payloadBytes} bytes`,
      bound: `${payloadBound} bytes`,
      kept: payloadBytes <= payloadBound,
    })),
    bytesRow(`${about}: memory on top of the process's own`, peakBytes - startBytes, peakBound),
  ];
}

export function bytesRow(what: string, bytes: number, bound: number): Row {
  return { what, value: inMib(bytes), bound: inMib(bound), kept: bytes <= bound };
}

export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, value, bound, kept }) => `| ${what} | ${value} | ${bound} | ${kept ? 'yes' : 'NO'} |`,
  );
  return ['| what | measured | bound | kept |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

function inMib(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`;
}
