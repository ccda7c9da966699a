import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { JournalDamaged } from '../../vault/errors.ts';
import { type JournalEntry, openJournal, readJournal } from '../../vault/journal.ts';
import { compiledChildren } from './compiled.ts';
import { scratch } from './fixtures.ts';

const child = compiledChildren();
const who = { at: '2026-01-01T00:00:00.000Z', epoch: 1, step: 'restoreData', schedule: 1, attempt: 1 };

function note(text: string): JournalEntry {
  return { ...who, kind: 'note', text };
}

/** A journal of three notes, the second of them with awkward text; closed again. */
function written(): { readonly path: string; readonly bytes: Buffer } {
  const path = join(scratch(), 'state/journal');
  const journal = openJournal(path);
  for (const text of ['first', 'second\nline \u2028 "quoted"', 'third']) journal.append(note(text));
  journal.close();
  return { path, bytes: readFileSync(path) };
}

function textsOf(path: string): string[] {
  return readJournal(path).records.flatMap((record) => (record.kind === 'note' ? [record.text] : []));
}

test('a record is read back as it was written, numbered by its line', () => {
  const path = join(scratch(), 'journal');
  const journal = openJournal(path);
  const intent = journal.append({
    ...who,
    kind: 'intent',
    effect: { kind: 'rename', target: 'a', detail: { size: 1 } },
    recovery: 'do-again',
  });
  const confirm = journal.append({ ...who, kind: 'confirm', intent, result: 'done', reason: 'seen' });
  journal.close();
  expect(readJournal(path)).toMatchObject({
    tornTail: false,
    records: [
      { seq: intent, kind: 'intent', effect: { kind: 'rename', target: 'a', detail: { size: 1 } } },
      { seq: confirm, kind: 'confirm', intent },
    ],
  });
});

test('a record is on the disk before its number is given out', () => {
  const folder = scratch();
  const trace = join(folder, 'trace');
  const run = spawnSync('strace', [
    ...['-f', '-qq', '-y', '-o', trace, '-e', 'trace=write,pwrite64,fdatasync,fsync'],
    ...[process.execPath, child('append'), join(folder, 'journal'), 'a', '3'],
  ]);
  expect(run.status).toBe(0);
  const calls = readFileSync(trace, 'utf8')
    .split('\n')
    .filter((line) => line.includes('/journal>'))
    .map((line) => (line.includes('sync(') ? 'sync' : 'write'));
  // The header and three notes.
  expect(calls).toEqual(Array.from({ length: 4 }, () => ['write', 'sync']).flat());
});

describe('a tail torn by a kill', () => {
  test('is passed over wherever it was cut, and what is appended later is whole', () => {
    const { path, bytes } = written();
    const lastLine = bytes.lastIndexOf('\n', bytes.length - 2) + 1;
    // Without its line end alone the record is whole: that one is kept.
    for (let cut = lastLine + 1; cut < bytes.length - 1; cut += 1) {
      writeFileSync(path, bytes.subarray(0, cut));
      expect(readJournal(path).tornTail, `cut at ${cut}`).toBe(true);
      const journal = openJournal(path);
      const seq = journal.append(note('after'));
      journal.close();
      expect(textsOf(path), `cut at ${cut}`).toEqual(['first', 'second\nline \u2028 "quoted"', 'after']);
      expect(readJournal(path)).toMatchObject({ tornTail: false, records: [{}, {}, { seq, text: 'after' }] });
    }
  });

  test('may be zeros, as a power cut leaves them, or the header itself', () => {
    const { path, bytes } = written();
    appendFileSync(path, Buffer.alloc(50));
    const journal = openJournal(path);
    journal.append(note('after'));
    journal.close();
    expect(textsOf(path).slice(-2)).toEqual(['third', 'after']);

    writeFileSync(path, bytes.subarray(0, 10));
    const again = openJournal(path);
    again.append(note('new'));
    again.close();
    expect(textsOf(path)).toEqual(['new']);
  });

  test('may be a torn seal behind a torn record', () => {
    const { path, bytes } = written();
    writeFileSync(path, bytes.subarray(0, -5));
    const first = openJournal(path);
    first.append(note('sealed'));
    first.close();
    const sealed = readFileSync(path);
    writeFileSync(path, sealed.subarray(0, sealed.lastIndexOf('"seal"') + 10));
    const second = openJournal(path);
    second.append(note('after'));
    second.close();
    expect(textsOf(path)).toEqual(['first', 'second\nline \u2028 "quoted"', 'after']);
  });
});

test('damage before the tail stops every reader and writer, names line and byte, and changes nothing', () => {
  const { path, bytes } = written();
  const lineStart = bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1;
  for (const at of [0, 7, 20, 60]) {
    const damaged = Buffer.from(bytes);
    damaged[lineStart + at] = (damaged[lineStart + at] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    expect(() => readJournal(path)).toThrow(JournalDamaged);
    expect(() => openJournal(path)).toThrow(new RegExp(`${path} is damaged at line 3, byte ${lineStart} `));
    expect(readFileSync(path).equals(damaged)).toBe(true);
  }
});

test('a lost line in the middle of a sealed journal is damage, not a torn tail', () => {
  const { path, bytes } = written();
  writeFileSync(path, bytes.subarray(0, -5));
  const journal = openJournal(path);
  journal.append(note('after'));
  journal.close();
  const sealed = readFileSync(path);
  const secondNote = sealed.indexOf('second');
  sealed[secondNote] = 0x53;
  writeFileSync(path, sealed);
  expect(() => readJournal(path)).toThrow(JournalDamaged);
});

test('a journal of a later format, and one that became shorter under us, are refused', () => {
  const { path, bytes } = written();
  const journal = openJournal(path);
  truncateSync(path, 100);
  expect(() => journal.append(note('x'))).toThrow(JournalDamaged);
  journal.close();
  const later = '{"kind":"header","format":2}';
  const check = spawnSync('sha256sum', { input: later }).stdout.toString().slice(0, 16);
  writeFileSync(path, Buffer.concat([Buffer.from(`${check} ${later}\n`), bytes.subarray(bytes.indexOf('\n') + 1)]));
  expect(() => openJournal(path)).toThrow(/later format 2/);
});

test('two processes append at once: no record is lost or torn, and each knows its own numbers', async () => {
  const path = join(scratch(), 'journal');
  const names = ['a', 'b', 'c'];
  const told = await Promise.all(
    names.map(async (name) => {
      const run = spawn(process.execPath, [child('append'), path, name, '150'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [out, [code]] = await Promise.all([text(run.stdout), once(run, 'exit')]);
      expect(code).toBe(0);
      return out.trim().split('\n').map(Number);
    }),
  );
  const { records, tornTail } = readJournal(path);
  expect(tornTail).toBe(false);
  expect(records).toHaveLength(450);
  for (const [index, name] of names.entries()) {
    expect(records.filter((record) => record.step === name).map((record) => record.seq)).toEqual(told[index]);
  }
});

test('a journal open in one process shows what another appends meanwhile', () => {
  const path = join(scratch(), 'journal');
  const journal = openJournal(path);
  spawnSync(process.execPath, [child('append'), path, 'other', '2']);
  expect(journal.records().map((record) => record.step)).toEqual(['other', 'other']);
  expect(journal.append(note('mine'))).toBe(4);
  journal.close();
});

test('when the disk is full the append fails with its code, says so, and the journal is not used again', () => {
  const path = join(scratch(), 'journal');
  const limited = 'ulimit -f 1; trap "" XFSZ; exec "$@"';
  const run = spawnSync('bash', ['-c', limited, 'bash', process.execPath, child('append'), path, 'a', '20'], {
    encoding: 'utf8',
  });
  expect(run.status).not.toBe(0);
  expect(run.stderr).toMatch(/JournalWriteFailed.*\(EN?FBIG|ENOSPC\).*was not attempted/);
  const durable = run.stdout.trim().split('\n').length;
  expect(textsOf(path)).toHaveLength(durable);
});

test('an obligation is open until it is discharged, and again when it is entered again', () => {
  const journal = openJournal(join(scratch(), 'journal'));
  const owe = () => journal.append({ ...who, kind: 'obligation', id: 'serve', what: 'start it' });
  owe();
  owe();
  expect(journal.openObligations()).toMatchObject([{ id: 'serve', seq: 2 }]);
  journal.append({ ...who, kind: 'discharge', id: 'serve', how: 'started' });
  expect(journal.openObligations()).toEqual([]);
  owe();
  expect(journal.openObligations()).toMatchObject([{ id: 'serve', seq: 5 }]);
  journal.close();
});

test('a confirmation settles older intents of the same step for the same effect, and no others', () => {
  const journal = openJournal(join(scratch(), 'journal'));
  const intend = (target: string, step = who.step) =>
    journal.append({ ...who, step, kind: 'intent', effect: { kind: 'stop', target }, recovery: 'do-again' });
  intend('one');
  const otherTarget = intend('two');
  const otherStep = intend('one', 'startStable');
  const again = intend('one');
  const later = intend('one');
  journal.append({ ...who, kind: 'confirm', intent: again, result: 'done', reason: 'seen stopped' });
  expect(journal.unconfirmedIntents().map((intent) => intent.seq)).toEqual([otherTarget, otherStep, later]);
  journal.close();
});
