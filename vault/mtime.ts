/** Times of files as manifests keep them: microseconds since 1970, the finest that Node can set again. */

/** From what stat(2) says; rounded down, also before 1970. */
export function microsecondsOf(mtimeNs: bigint): number {
  const rest = ((mtimeNs % 1000n) + 1000n) % 1000n;
  return Number((mtimeNs - rest) / 1000n);
}

/**
 * For Node's calls that set times. As a text, since Node takes a negative number for "now"; half a microsecond further
 * from 1970, since it takes seconds as a double and cuts off towards 1970: what is read back is exactly this microsecond.
 */
export function settableTime(mtimeUs: number): string {
  return String(mtimeUs / 1e6 + (mtimeUs < 0 ? -5e-7 : 5e-7));
}
