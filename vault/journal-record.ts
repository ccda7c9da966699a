import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Version of the line format and of the records. A reader refuses a later one. */
export const journalFormat = 1;

/** Who writes, when, under which token; on every record. */
const base = {
  /** ISO instant. */
  at: z.string(),
  epoch: z.int().nonnegative(),
  step: z.string(),
  schedule: z.int().nonnegative(),
  attempt: z.int().nonnegative(),
};

const detail = z.record(z.string(), z.unknown()).optional();

const effectSchema = z.object({ kind: z.string(), target: z.string(), detail });

const recoverySchema = z.enum(['do-again', 'verify-then-skip', 'undo-from-copy']);

const entrySchema = z.discriminatedUnion('kind', [
  /** An attempt begins. */
  z.object({ ...base, kind: z.literal('open'), detail }),
  /** An effect is about to happen; `recovery` says what a successor does when nobody confirmed it. */
  z.object({ ...base, kind: z.literal('intent'), effect: effectSchema, recovery: recoverySchema }),
  /** The call returned. `intent` is the seq of its intent. */
  z.object({ ...base, kind: z.literal('effect'), intent: z.int(), detail }),
  /** The effect was looked at in the world; settles the intent and older ones of the same step and effect. */
  z.object({ ...base, kind: z.literal('confirm'), intent: z.int(), result: z.string(), reason: z.string() }),
  /** Must be done whatever happens, by this run or a later one. */
  z.object({ ...base, kind: z.literal('obligation'), id: z.string(), what: z.string(), detail }),
  z.object({ ...base, kind: z.literal('discharge'), id: z.string(), how: z.string() }),
  z.object({ ...base, kind: z.literal('note'), text: z.string(), detail }),
  /** The attempt ended. */
  z.object({ ...base, kind: z.literal('close'), result: z.string(), reason: z.string(), detail }),
]);

const lineSchema = z.union([
  entrySchema,
  z.object({ kind: z.literal('header'), format: z.int() }),
  /** Whatever bad lines lie between offset `from` and here are a torn tail, not damage. */
  z.object({ kind: z.literal('seal'), at: z.string(), from: z.int().nonnegative() }),
]);

export type JournalEntry = Readonly<z.infer<typeof entrySchema>>;
export type JournalLine = Readonly<z.infer<typeof lineSchema>>;
export type Effect = Readonly<z.infer<typeof effectSchema>>;
export type Recovery = z.infer<typeof recoverySchema>;

type Kind = JournalEntry['kind'];

/** An entry with its place in the file. `seq` is the line number: it rises and is the same for every reader. */
export type JournalRecord<K extends Kind = Kind> = Extract<JournalEntry, { kind: K }> & { readonly seq: number };

export type Intent = JournalRecord<'intent'>;
export type Confirm = JournalRecord<'confirm'>;
export type Obligation = JournalRecord<'obligation'>;
export type Discharge = JournalRecord<'discharge'>;

/** One line of the file. The check covers the JSON bytes as written, so that no later re-formatting matters. */
export function encodeLine(line: JournalLine): string {
  const json = JSON.stringify(lineSchema.parse(line));
  return `${checkOf(json)} ${json}\n`;
}

/** The line's content, or why it is none. */
export function decodeLine(text: string): { readonly line: JournalLine } | { readonly bad: string } {
  const match = /^([0-9a-f]{16}) (\{.*\})$/s.exec(text);
  const [, check, json] = match ?? [];
  if (check === undefined || json === undefined) return { bad: 'it is no record' };
  if (checkOf(json) !== check) return { bad: 'its check does not match' };
  const parsed = lineSchema.safeParse(JSON.parse(json));
  return parsed.success ? { line: parsed.data } : { bad: `it is whole but not of format ${journalFormat}` };
}

/** Obligations nobody discharged; one that was entered again after its discharge is open again. */
export function openObligationsOf(records: readonly JournalRecord[]): readonly Obligation[] {
  const open = new Map<string, Obligation>();
  for (const record of records) {
    if (record.kind === 'obligation' && !open.has(record.id)) open.set(record.id, record);
    if (record.kind === 'discharge') open.delete(record.id);
  }
  return [...open.values()];
}

/** A confirmation settles its intent and every older intent of the same step for the same effect. */
export function unconfirmedIntentsOf(records: readonly JournalRecord[]): readonly Intent[] {
  const open = new Map<number, Intent>();
  const bySeq = new Map<number, Intent>();
  for (const record of records) {
    if (record.kind === 'intent') {
      open.set(record.seq, record);
      bySeq.set(record.seq, record);
    }
    if (record.kind === 'confirm') {
      const settled = bySeq.get(record.intent);
      for (const intent of open.values()) {
        if (settled !== undefined && intent.seq <= settled.seq && sameEffect(intent, settled)) open.delete(intent.seq);
      }
    }
  }
  return [...open.values()];
}

function sameEffect(a: Intent, b: Intent): boolean {
  return a.step === b.step && a.effect.kind === b.effect.kind && a.effect.target === b.effect.target;
}

function checkOf(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 16);
}
