import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../../../vault/journal.ts';
import { differencesOf, type Picture, pictureOf } from './picture.ts';
import { checkpointId, type Places, rollbackId } from './places.ts';

/** What the sweep knows of an operation: what it may change, and where it must end. */
export interface Swept {
  /** It puts data back; all others leave every data root as it is. */
  readonly restores: boolean;
  /** How a second run ends; the first of a resume may end so too, when all had been done. */
  readonly again: 'already-done' | 'refused';
  /** Whether an attempt that was killed may leave its folder of staged files. */
  readonly leavesAttempts?: boolean;
  /** What must be so when it has ended, read from the world. */
  readonly end: (places: Places) => Picture;
  /** What an end is measured by where there is something better than an unbroken run. */
  readonly truth?: (places: Places) => Picture;
}

const copyOf = (places: Places, id: string) => pictureOf(places.layout.checkpoint(id).dataDir('agent'));

export const swept: Readonly<Record<string, Swept>> = {
  checkpoint: {
    restores: false,
    again: 'already-done',
    end: (places) => copyOf(places, 'new'),
    truth: ({ agent }) => pictureOf(agent),
  },
  'safety-copy': {
    restores: false,
    again: 'already-done',
    end: ({ layout }) => pictureOf(join(layout.rollback(rollbackId).safetyDir, 'data/agent')),
    truth: ({ agent }) => pictureOf(agent),
  },
  'restore-whole': {
    restores: true,
    again: 'already-done',
    end: ({ agent }) => pictureOf(agent),
    truth: (places) => copyOf(places, checkpointId),
  },
  'restore-changed': { restores: true, again: 'already-done', end: ({ agent }) => pictureOf(agent) },
  'restore-file': {
    restores: true,
    again: 'already-done',
    leavesAttempts: true,
    end: ({ agent }) => pictureOf(agent, { folderTimes: false }),
  },
  'restore-wrong-file': {
    restores: false,
    again: 'refused',
    leavesAttempts: true,
    end: ({ agent }) => pictureOf(agent),
  },
  'restore-damaged': { restores: false, again: 'refused', end: ({ agent }) => pictureOf(agent) },
  journal: { restores: false, again: 'already-done', end: notesOf },
  epoch: {
    restores: false,
    again: 'already-done',
    end: ({ locks, layout }) => namesOf([...namesIn(locks), ...namesIn(layout.epochsDir)]),
  },
};

/** What belongs to nobody's plan, and what is read and must never be consumed. */
export function untouchedOf(places: Places, { restores }: Swept): Picture[] {
  const always = [pictureOf(places.outside), pictureOf(places.skills), copyOf(places, checkpointId)];
  return restores ? always : [...always, pictureOf(places.agent)];
}

/** A database of the checkpoint must never be seen beside the journal of a later state. */
export function unitFaults({ agent }: Places): string[] {
  const is = pictureOf(agent).entries;
  const stale = is.has('x.db-wal') && is.get('x.db')?.endsWith(hashOfGoodDatabase) === true;
  return stale ? ['x.db is of the checkpoint and lies beside the -wal of a later state'] : [];
}

const hashOfGoodDatabase = '3549b0028b75d981cdda2e573e9cb49dedc200185876df299f912b79f69dabd8';

export function notesOf({ layout }: Places): Picture {
  const { journal } = layout.rollback(rollbackId);
  const records = existsSync(journal) ? readJournal(journal).records : [];
  const notes = records.flatMap((record) => (record.kind === 'note' ? [record.text] : []));
  return namesOf(notes.map((text, index) => `${index + 1} ${text}`));
}

export function sameAs(what: string, should: Picture, is: Picture): string[] {
  return differencesOf(should, is).map((text) => `${what}: ${text}`);
}

function namesOf(names: readonly string[]): Picture {
  return { entries: new Map(names.map((name) => [name, 'there'])), contents: new Set(names) };
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.tmp-')) : [];
}
