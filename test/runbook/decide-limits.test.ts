import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decideLimits } from '../../runbook/decide-limits.ts';

const MiB = 1024 ** 2;

const container = {
  id: 'a',
  name: 'experiment',
  earlier: { cpus: null, memoryBytes: null, memorySwap: 0 },
  usedMemoryBytes: 50 * MiB,
};

it('limits what has no limit', () => {
  const { limits, notes } = decideLimits([container], { cpus: 0.5, memoryBytes: 256 * MiB });
  expect(limits).toEqual([
    {
      id: 'a',
      name: 'experiment',
      earlier: container.earlier,
      wanted: { cpus: 0.5, memoryBytes: 256 * MiB, memorySwap: 512 * MiB },
    },
  ]);
  expect(notes).toEqual([]);
});

it('leaves memory alone where the limit would kill, limits the CPU all the same, and says so', () => {
  const full = { ...container, usedMemoryBytes: 250 * MiB };
  const { limits, notes } = decideLimits([full], { cpus: 0.5, memoryBytes: 256 * MiB });
  expect(limits.map(({ wanted }) => wanted)).toEqual([{ cpus: 0.5, memoryBytes: null, memorySwap: 0 }]);
  expect(notes).toEqual([expect.stringContaining('would kill it')]);
});

it('plans nothing for a container that may use no more already', () => {
  const tight = { ...container, earlier: { cpus: 0.2, memoryBytes: 128 * MiB, memorySwap: -1 } };
  expect(decideLimits([tight], { cpus: 0.5, memoryBytes: 256 * MiB }).limits).toEqual([]);
});

const limit = (unit: number) => fc.option(fc.integer({ min: 1, max: 64 }).map((n) => n * unit));

it('never raises a limit, and never lowers memory below what is in use', () => {
  const containers = fc.array(
    fc.record({
      id: fc.uuid(),
      name: fc.string(),
      earlier: fc.record({ cpus: limit(0.25), memoryBytes: limit(16 * MiB), memorySwap: fc.constantFrom(0, -1) }),
      usedMemoryBytes: limit(8 * MiB),
    }),
  );
  fc.assert(
    fc.property(containers, limit(0.25), limit(16 * MiB), (given, cpus, memoryBytes) => {
      for (const { id, earlier, wanted } of decideLimits(given, { cpus, memoryBytes }).limits) {
        expect(wanted.cpus ?? Infinity).toBeLessThanOrEqual(earlier.cpus ?? Infinity);
        expect(wanted.memoryBytes ?? Infinity).toBeLessThanOrEqual(earlier.memoryBytes ?? Infinity);
        const used = given.find((one) => one.id === id)?.usedMemoryBytes ?? 0;
        if (wanted.memoryBytes !== earlier.memoryBytes) expect(wanted.memoryBytes).toBeGreaterThan(used);
        expect(wanted).not.toEqual(earlier);
      }
    }),
  );
});
