import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { processStart } from '../../vault/processes.ts';
import { serverPlaces } from '../../workers/places.ts';
import type { DemoPractice } from '../demo/practice.ts';
import type { Lab } from '../lab.ts';
import type { PrivateEngine } from '../private-engine.ts';
import { type PlannedKill, tellKill } from './plan-kills.ts';

export interface Disturbed {
  readonly practice: DemoPractice;
  readonly lab: Lab;
  readonly engine: PrivateEngine;
}

/** A kill that was carried out. */
export interface DoneKill extends PlannedKill {
  /** The last step in the journal at that moment. */
  readonly step: string;
}

const everyMs = 20;
const upTries = 5;
/** Nothing is written for so long only when nobody is at work, or a question waits. */
const stillMs = 120_000;

/**
 * Carries the planned kills out, one after the other, each followed by what an operator or a service manager does:
 * starts again what is dead.
 * @returns those for which the rollback lasted long enough
 */
export async function killOnTheWay(
  disturbed: Disturbed,
  plan: readonly PlannedKill[],
  say: (line: string) => void,
): Promise<readonly DoneKill[]> {
  const done: DoneKill[] = [];
  for (const kill of plan) {
    if (!(await reached(disturbed.practice, kill.afterRecords))) break;
    await wait(kill.delayMs);
    const step = disturbed.practice.journal().at(-1)?.step ?? 'before the first step';
    await carryOut(disturbed, kill);
    done.push({ ...kill, step });
    say(`SIGKILL: ${tellKill(kill)}, in ${step}`);
    await bringBack(disturbed, kill);
  }
  return done;
}

/** @returns false when the rollback was over before, or stands still */
async function reached(practice: DemoPractice, records: number): Promise<boolean> {
  let seen = -1;
  let changedAt = performance.now();
  for (;;) {
    const journal = practice.journal();
    if (journal.some(({ kind, step }) => kind === 'close' && step === 'closing.closeRollback')) return false;
    if (journal.length >= records) return true;
    if (journal.length !== seen) changedAt = performance.now();
    seen = journal.length;
    if (performance.now() - changedAt > stillMs) return false;
    await wait(everyMs);
  }
}

async function carryOut({ practice, lab, engine }: Disturbed, { victim }: PlannedKill): Promise<void> {
  if (victim === 'dockerd') return engine.kill();
  if (victim !== 'server') await killProcess(join(lab.stateDir, practice.environment, 'worker.json'));
  if (victim !== 'worker') await killProcess(serverPlaces(lab.stateDir).info);
}

async function bringBack({ practice, engine }: Disturbed, { victim }: PlannedKill): Promise<void> {
  if (victim === 'dockerd') return engine.start();
  for (let tries = 1; ; tries += 1) {
    const up = await practice.rollback(['up']);
    if (up.code === 0) return;
    // A busy machine may be too slow for the deadline of one try: people type it again.
    if (tries === upTries) throw new Error(`"rollback up" ended with code ${up.code}: ${up.stderr}`);
  }
}

async function killProcess(file: string): Promise<void> {
  const { pid, pidStart } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly pid: number;
    readonly pidStart: string;
  };
  if (processStart(pid) !== pidStart) return;
  process.kill(pid, 'SIGKILL');
  while (processStart(pid) === pidStart) await wait(everyMs);
}
