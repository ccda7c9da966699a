import type { Room } from '../kernel/room.ts';
import { findStable, type StableSystem } from './find-stable.ts';

export interface LogErrors {
  readonly lines: number;
  readonly errors: number;
  readonly minutes: number;
  readonly perMinute: number;
  /** The first matching lines, cut. */
  readonly sample: readonly string[];
  readonly truncated: boolean;
}

/** A noisy log must not hold the step up: what is read of one container is bounded. */
const maxBytes = 32 * 1024 * 1024;

/**
 * Counts lines that match the target's error pattern in the logs of all stable containers, from the latest of: start of
 * the window, `notBefore`, start of the container. Less than a minute counts as one, so that a single line right after
 * the start is no spike.
 * @param notBefore ISO instant; lines before it belong to the incident
 */
export async function countLogErrors(
  room: Pick<Room, 'world' | 'target' | 'signal'>,
  options: { readonly notBefore?: string | undefined; readonly system?: StableSystem } = {},
): Promise<LogErrors | null> {
  const { pattern, windowMs } = room.target.performance.logErrors;
  const matcher = new RegExp(pattern);
  const system = options.system ?? (await findStable(room));
  const running = system.containers.filter(({ facts }) => facts.state === 'running');
  if (running.length === 0) return null;
  const now = room.world.now();
  const tally = { lines: 0, errors: 0, sample: [] as string[], truncated: false };
  let longestMs = 0;
  for (const { facts } of running) {
    const fromMs = Math.max(now - windowMs, Date.parse(options.notBefore ?? '') || 0, Date.parse(facts.startedAt) || 0);
    longestMs = Math.max(longestMs, now - fromMs);
    await countIn(room, { id: facts.id, since: new Date(fromMs).toISOString(), matcher, tally });
  }
  const minutes = Math.max(1, longestMs / 60_000);
  return { ...tally, minutes: Math.round(minutes * 10) / 10, perMinute: tally.errors / minutes };
}

async function countIn(
  room: Pick<Room, 'world' | 'signal'>,
  from: {
    readonly id: string;
    readonly since: string;
    readonly matcher: RegExp;
    readonly tally: { lines: number; errors: number; sample: string[]; truncated: boolean };
  },
): Promise<void> {
  const { id, since, matcher, tally } = from;
  const rest = { stdout: '', stderr: '' };
  let bytes = 0;
  const take = (line: string): void => {
    tally.lines += 1;
    if (!matcher.test(line)) return;
    tally.errors += 1;
    if (tally.sample.length < 10) tally.sample.push(line.slice(0, 300));
  };
  // Leaving the loop closes the stream.
  for await (const chunk of room.world.docker.logs(id, { since, signal: room.signal })) {
    const lines = (rest[chunk.stream] + chunk.bytes.toString('utf8')).split('\n');
    rest[chunk.stream] = lines.pop() ?? '';
    for (const line of lines) take(line);
    bytes += chunk.bytes.length;
    if (bytes > maxBytes) {
      tally.truncated = true;
      break;
    }
  }
  for (const line of [rest.stdout, rest.stderr]) if (line !== '') take(line);
}
