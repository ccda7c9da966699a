import { openJournal } from '../../../vault/journal.ts';

/** Appends notes to a journal and prints the number that each got: one line a note. */
const [path = '', name = '', count = '0'] = process.argv.slice(2);
const journal = openJournal(path);
for (let index = 0; index < Number(count); index += 1) {
  const who = { at: '2026-01-01T00:00:00.000Z', epoch: 1, step: name, schedule: 1, attempt: 1 };
  console.log(journal.append({ ...who, kind: 'note', text: `${name} ${index}` }));
}
journal.close();
