import { join } from 'node:path';
import type { VerifyReport } from '../../contract/observe.ts';
import type { Judgement } from '../../contract/records.ts';
import { compareJudgements } from '../../runbook/compare-judgements.ts';
import type { Target } from '../../target/schema.ts';
import { ensureDir, nameExists, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { readJournal } from '../../vault/journal.ts';
import type { RollbackLayout } from '../../vault/layout.ts';
import { judgeAgainst } from '../checks/judge-world.ts';
import { ActFailure } from '../kernel/failures.ts';
import { findRecord, readCheckpoint, sealedCheckpoints } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';

/** Sentences in the report are cut: the whole was never meant for a history. */
const longest = 300;

/**
 * Judges the world anew as the rollback's own judgement did, against its target, its plans and its checkpoint, and says
 * what is not as it was then. What it finds lies in the observation's scratch folder: the rollback's folder is only read.
 * @throws ActFailure `refused` when there is no such rollback on this host
 */
export async function proveAgain(room: Room, rollbackId: string): Promise<VerifyReport> {
  const files = room.layout.rollback(rollbackId);
  const text = readIfThere(files.target);
  if (text === undefined) {
    throw new ActFailure('refused', `There is no rollback ${rollbackId} of this environment on this host.`);
  }
  const { target } = JSON.parse(text) as { readonly target: Target };
  const then = judgementIn(files);
  const inside = insideOf(room, files, target);
  const [containment, recovery] = [findRecord(inside, 'containment'), findRecord(inside, 'recovery')];
  const named = recovery?.checkpoint.id ?? null;
  // A checkpoint made since is another one; without a plan the one that this rollback would have used counts.
  const checkpoint =
    named === null && recovery !== undefined
      ? null
      : ((named === null ? readCheckpoint(inside) : sealedCheckpoints(room).find(({ id }) => id === named)) ?? null);
  await judgeAgainst(inside, { checkpoint, containment, recovery });
  const now = judgementIn(inside.rollback);
  if (now === null) throw new ActFailure('unexpected', 'The judgement left no record.');
  const lost = named !== null && checkpoint === null ? [`checkpoint ${named} is not there any more`] : [];
  return {
    kind: 'verify',
    at: now.at,
    rollbackId,
    checkpoint: { id: named, commit: recovery?.checkpoint.commit ?? null },
    before: then === null ? null : { at: then.at, verdict: then.verdict, git: then.git },
    now: shortened(now),
    changed: [...lost, ...(then === null ? [] : compareJudgements(then, now))].slice(0, 50).map(cut),
  };
}

/** Plans, safety copy and journal are the rollback's own, read only; report and evidence are the observation's. */
function insideOf(room: Room, files: RollbackLayout, target: Target): Room {
  const { planDir, safetyDir, stagingNote } = files;
  const rollback: RollbackLayout = { ...room.rollback, planDir, safetyDir, stagingNote };
  ensureDir(rollback.evidenceDir);
  const returns = readIfThere(join(files.evidenceDir, 'returns.jsonl'));
  if (returns !== undefined) writeFileDurably(join(rollback.evidenceDir, 'returns.jsonl'), returns);
  const records = nameExists(files.journal) ? readJournal(files.journal).records : [];
  return { ...room, target, rollback, journal: { ...room.journal, path: files.journal, records: () => records } };
}

function judgementIn({ reportDir }: RollbackLayout): Judgement | null {
  const text = readIfThere(join(reportDir, 'judgement.json'));
  return text === undefined ? null : (JSON.parse(text) as Judgement);
}

function shortened({ format: _format, ...judgement }: Judgement): VerifyReport['now'] {
  return {
    ...judgement,
    reasons: judgement.reasons.slice(0, 20).map(cut),
    // Where the evidence lay is gone with the observation.
    items: judgement.items.map(({ evidence: _evidence, ...item }) => ({ ...item, measured: cut(item.measured) })),
    data: judgement.data.map((row) => ({ ...row, explained: cut(row.explained) })),
  };
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
