import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordDamaged, Refused, StaleAttempt, VerifyFailed } from '../../vault/errors.ts';
import { makeSafetyCopy, readSafetyCopy, type SafetyCopyRequest, safetyRecordFile } from '../../vault/safety-copy.ts';
import { disturb, makeAgentTree, scratch, unfenced } from './fixtures.ts';

function place(names: readonly string[] = ['agent']) {
  const folder = scratch();
  const roots = names.map((name) => ({ name, path: join(folder, 'live', name), how: 'copy' as const }));
  for (const { path } of roots) {
    mkdirSync(path, { recursive: true });
    makeAgentTree(path);
  }
  const into = join(folder, 'safety');
  const request: SafetyCopyRequest = {
    roots,
    into,
    rollbackId: 'r1',
    at: '2026-01-01T00:00:00Z',
    beforeEffect: unfenced,
  };
  const copied = (path: string, name = 'agent') => readFileSync(join(into, 'data', name, path), 'utf8');
  return { folder, into, request, copied, live: (name = 'agent') => join(folder, 'live', name) };
}

test('the first safety copy stays: a later attempt verifies it and never copies a half-rolled-back state', async () => {
  const { request, copied, live } = place();
  const first = await makeSafetyCopy(request);
  expect(first).toMatchObject({
    kind: 'done',
    record: { rollbackId: 'r1', roots: [{ name: 'agent', notCopied: [] }] },
  });
  disturb(live());
  const second = await makeSafetyCopy({ ...request, rollbackId: 'r2' });
  expect(second).toEqual({ ...first, kind: 'already-done' });
  expect(copied('skills/skill-0.json')).toBe('{"id":0}');
});

test('a safety copy that was touched is found, and nothing is put in its place', async () => {
  const { into, request } = place();
  await makeSafetyCopy(request);
  writeFileSync(join(into, 'data/agent/skills/skill-0.json'), '{"id":1}');
  await expect(makeSafetyCopy(request)).rejects.toThrow(VerifyFailed);
  writeFileSync(join(into, 'data/agent/skills/skill-0.json'), '{"id":0}');
  expect((await makeSafetyCopy(request)).kind).toBe('already-done');
  rmSync(join(into, 'data/agent/skills'), { recursive: true });
  await expect(makeSafetyCopy(request)).rejects.toThrow(VerifyFailed);
});

test('an attempt after a kill between two roots goes on with the second and leaves the first as it was', async () => {
  const { request, copied, live } = place(['agent', 'notes']);
  await makeSafetyCopy({ ...request, roots: request.roots.slice(0, 1) });
  rmSync(safetyRecordFile(request.into));
  disturb(live('agent'));
  const { kind, record } = await makeSafetyCopy(request);
  expect([kind, ...record.roots.map(({ name }) => name)]).toEqual(['done', 'agent', 'notes']);
  expect(copied('skills/skill-0.json', 'agent')).toBe('{"id":0}');
});

test('a copy without its record, as a kill leaves it, is made anew', async () => {
  const { into, request, copied, live } = place();
  mkdirSync(join(into, 'data/agent'), { recursive: true });
  writeFileSync(join(into, 'data/agent/half'), 'half');
  await makeSafetyCopy(request);
  expect(readdirSync(join(into, 'data/agent')).sort()).toEqual(readdirSync(live()).sort());
  expect(copied('a/inside')).toBe('inside a');
});

test('a later plan that needs one more root gets it, and the first stays as it was first', async () => {
  const { request, copied, live } = place(['agent', 'notes']);
  await makeSafetyCopy({ ...request, roots: request.roots.slice(0, 1) });
  disturb(live('agent'));
  const { record } = await makeSafetyCopy(request);
  expect(record.roots.map(({ name }) => name)).toEqual(['agent', 'notes']);
  expect(copied('skills/skill-0.json', 'agent')).toBe('{"id":0}');
});

test('what will be moved aside on the spot is only recorded', async () => {
  const { into, request } = place();
  const roots = request.roots.map((root) => ({ ...root, how: 'aside' as const }));
  const { record } = await makeSafetyCopy({ ...request, roots });
  expect(record.roots[0]).toMatchObject({ how: 'aside', data: null, files: expect.any(Number) });
  expect(readdirSync(into).sort()).toEqual(['manifests', 'roots', 'safety-copy.json']);
});

test('a superseded attempt stops before it records anything', async () => {
  const { into, request } = place();
  const beforeEffect = () => {
    throw new StaleAttempt({ step: 's', token: 'epoch 1', newer: 'epoch 2' });
  };
  await expect(makeSafetyCopy({ ...request, beforeEffect })).rejects.toThrow(StaleAttempt);
  expect(readSafetyCopy(into)).toBeUndefined();
});

test('a place inside the data, data that are no folder, and a name that climbs are refused', async () => {
  const { folder, request, live } = place();
  const [root] = request.roots;
  if (root === undefined) throw new Error('no root');
  for (const bad of [
    { ...request, into: join(live(), 'safety') },
    { ...request, roots: [{ ...root, path: join(folder, 'nowhere') }] },
    { ...request, roots: [{ ...root, name: '../up' }] },
  ]) {
    await expect(makeSafetyCopy(bad)).rejects.toThrow(Refused);
  }
});

test('a damaged record is refused by name', async () => {
  const { into, request } = place();
  await makeSafetyCopy(request);
  writeFileSync(safetyRecordFile(into), '{"format":1');
  await expect(makeSafetyCopy(request)).rejects.toThrow(RecordDamaged);
});
