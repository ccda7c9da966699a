/**
 * The engine's `since` and `until`: seconds with nine decimals. An ISO instant keeps its nanoseconds, so that a
 * resumed log neither repeats nor loses a line.
 * @param instant ISO 8601 with up to nine decimals, or the engine's own form
 */
export function engineTime(instant: string): string {
  if (/^\d+(\.\d+)?$/.test(instant)) return instant;
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) throw new RangeError(`Not an instant: ${instant}`);
  const decimals = /\.(\d{1,9})/.exec(instant)?.[1] ?? '';
  return `${Math.floor(ms / 1000)}.${decimals.padEnd(9, '0')}`;
}
