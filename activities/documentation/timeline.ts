import { type StepName, steps } from '../../runbook/steps.ts';
import type { JournalRecord } from '../../vault/journal-record.ts';
import { identityNote } from '../kernel/identity.ts';
import type { EngineEvent } from '../kernel/world.ts';

export interface TimelineRow {
  /** ISO instant, UTC. */
  readonly at: string;
  /** Who says so. */
  readonly source: 'journal' | 'engine';
  readonly text: string;
}

/** What happened, oldest first, from the journal and from what the engine remembers. */
export function timelineOf(records: readonly JournalRecord[], events: readonly EngineEvent[]): readonly TimelineRow[] {
  const rows = [...rowsOf(records), ...events.map(rowOfEvent)];
  return rows
    .map((row, n) => ({ row, n }))
    .sort(byTime)
    .map(({ row }) => row);
}

type Numbered = { readonly row: TimelineRow; readonly n: number };

function byTime(a: Numbered, b: Numbered): number {
  return Date.parse(a.row.at) - Date.parse(b.row.at) || a.n - b.n;
}

function rowsOf(records: readonly JournalRecord[]): readonly TimelineRow[] {
  const intents = new Map<number, string>();
  const atWork = new Set<string>();
  const rows: TimelineRow[] = [];
  const add = (at: string, text: string) => rows.push({ at, source: 'journal', text });
  for (const record of records) {
    // The documentation is no part of what it documents, and a second draft has to say the same.
    if (/^(documentation|closing)\./.test(record.step)) continue;
    switch (record.kind) {
      case 'intent': {
        const what = `${record.effect.kind} ${nameOf(record.effect)}`;
        intents.set(record.seq, what);
        add(record.at, `begins: ${what}`);
        break;
      }
      case 'confirm':
        add(record.at, `${record.result}: ${intents.get(record.intent) ?? 'an effect'}`);
        break;
      case 'obligation':
        add(record.at, `owed from here on: ${record.what}`);
        break;
      case 'discharge':
        add(record.at, `settled: ${record.id} (${record.how})`);
        break;
      case 'note':
        if (record.text !== identityNote) add(record.at, noteText(record.text, record.detail));
        break;
      case 'close':
        atWork.delete(record.step);
        add(record.at, `**${titleOf(record.step)}**: ${record.result}. ${record.reason}`);
        break;
      case 'open':
        if (atWork.has(record.step)) {
          add(
            record.at,
            `**${titleOf(record.step)}**: begins anew; the attempt before it was cut off (killed, perhaps)`,
          );
        }
        atWork.add(record.step);
        break;
      case 'effect':
        break;
    }
  }
  return rows;
}

/** A name says more than an id, where the act knew it. */
function nameOf(effect: { readonly target: string; readonly detail?: Readonly<Record<string, unknown>> | undefined }) {
  const name = effect.detail?.['name'];
  return typeof name === 'string' ? name : effect.target;
}

function noteText(text: string, detail: Readonly<Record<string, unknown>> | undefined): string {
  const reason = detail?.['reason'];
  return typeof reason === 'string' ? `${text}: ${reason}` : text;
}

/** `dataRecovery.restoreData:agent` → `Put the data back: agent` */
export function titleOf(key: string): string {
  const [, step = key, suffix] = /^[^.]*\.([^:]*)(?::(.*))?$/.exec(key) ?? [];
  const title = Object.hasOwn(steps, step) ? steps[step as StepName].title : step;
  return suffix === undefined ? title : `${title}: ${suffix}`;
}

function rowOfEvent(event: EngineEvent): TimelineRow {
  const at = new Date(Number(BigInt(event.timeNano) / 1_000_000n)).toISOString();
  return { at, source: 'engine', text: `${event.action} ${event.name}` };
}
