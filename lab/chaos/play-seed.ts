import { join } from 'node:path';
import type { Checklist } from '../../activities/documentation/write-checklist.ts';
import { readIfThere } from '../../vault/durable-file.ts';
import { type DemoPractice, practiceOn } from '../demo/practice.ts';
import { stories } from '../demo/stories.ts';
import { createLab, type Lab } from '../lab.ts';
import type { PrivateEngine } from '../private-engine.ts';
import { until } from '../until.ts';
import { type DoneKill, killOnTheWay } from './kill-on-the-way.ts';
import { planKills } from './plan-kills.ts';
import { rootHash } from './root-hash.ts';

export interface PlayedSeed {
  readonly seed: number;
  readonly verdict: string;
  /** Why it is not `restored`. */
  readonly reasons: readonly string[];
  readonly rootHash: string;
  readonly kills: readonly DoneKill[];
  readonly seconds: number;
}

export interface SeedOptions {
  readonly id: string;
  readonly seed: number;
  readonly engine: PrivateEngine;
  say(line: string): void;
  quote(line: string): void;
}

/** One practice system, broken and rolled back while worker, server and engine are killed as the seed says. */
export async function playSeed({ id, seed, engine, say, quote }: SeedOptions): Promise<PlayedSeed> {
  const story = stories['data-corruption'];
  const began = performance.now();
  const { dockerHost, subnet } = engine;
  const lab = await createLab({ id, until: 'stable', dockerHost, subnet, onProgress: say });
  const practice = practiceOn(lab);
  await healthyByItself(lab);
  await must(practice, ['checkpoint', 'create', '--reason', 'before the experiment'], quote);
  await lab.experimentUp();
  for (const fault of story.faults) {
    await lab.breakIt(fault);
    say(fault);
  }
  await must(practice, [...story.command, '--reason', story.reason, '--detach'], quote);
  const kills = await killOnTheWay({ practice, lab, engine }, planKills(seed), say);
  const { code } = await practice.rollback(['watch'], quote);
  return {
    seed,
    ...verdictOf(practice, code),
    rootHash: await rootHash(lab),
    kills,
    seconds: Math.round((performance.now() - began) / 1000),
  };
}

/** A busy machine is slow to find its own containers healthy, and an unhealthy system is no checkpoint. */
async function healthyByItself({ docker, names }: Lab): Promise<void> {
  const look = async () => {
    const { State } = await docker.getContainer(names.stable).inspect();
    return State.Health?.Status === 'healthy' || undefined;
  };
  await until('the stable system to be healthy by its own check', look, { deadlineMs: 300_000, everyMs: 500 });
}

/** @throws Error when the command fails: nothing after it would mean anything */
async function must(practice: DemoPractice, args: readonly string[], quote: (line: string) => void): Promise<void> {
  const { code } = await practice.rollback(args, quote);
  if (code !== 0) throw new Error(`"rollback ${args.join(' ')}" ended with code ${code}`);
}

function verdictOf(practice: DemoPractice, code: number): Pick<PlayedSeed, 'verdict' | 'reasons'> {
  const files = practice.files();
  const text = files === undefined ? undefined : readIfThere(join(files.reportDir, 'checklist.json'));
  if (text === undefined) return { verdict: `none (exit code ${code})`, reasons: [] };
  const { verdict, items } = JSON.parse(text) as Checklist;
  const open = items.filter(({ status }) => !['pass', 'not-applicable', 'needs-human'].includes(status));
  const reasons = open.map(({ title, measured }) => `${title}: ${measured}`);
  if ((code === 0) !== (verdict === 'restored')) return { verdict: `${verdict}, but exit code ${code}`, reasons };
  return { verdict: verdict ?? 'none', reasons };
}
