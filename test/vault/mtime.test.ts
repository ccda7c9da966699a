import { lstatSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { microsecondsOf, settableTime } from '../../vault/mtime.ts';
import { scratch } from './fixtures.ts';

test('a time that is set is read back to the microsecond, also before 1970 and at a whole second', () => {
  const file = join(scratch(), 'file');
  writeFileSync(file, '');
  const backFrom = (mtimeUs: number): number => {
    utimesSync(file, settableTime(mtimeUs), settableTime(mtimeUs));
    return microsecondsOf(lstatSync(file, { bigint: true }).mtimeNs);
  };
  for (const mtimeUs of [0, 1, -1, 999_999, -999_999, 1_000_000, -1_000_000, -9_000_000, 1_600_000_000_123_456]) {
    expect(backFrom(mtimeUs)).toBe(mtimeUs);
  }
  fc.assert(
    fc.property(fc.integer({ min: -2_000_000_000_000_000, max: 4_000_000_000_000_000 }), (mtimeUs) => {
      expect(backFrom(mtimeUs)).toBe(mtimeUs);
    }),
  );
});
