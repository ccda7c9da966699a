import type Docker from 'dockerode';
import { z } from 'zod';

/** What the engine itself says happened to a container. */
export interface ContainerEvent {
  /** `stop`, `die`, `kill`, `pause`, `start`, `destroy` … */
  readonly action: string;
  readonly id: string;
  readonly name: string;
  readonly timeMs: number;
}

export interface EngineEvents {
  /** Oldest first. */
  readonly seen: readonly ContainerEvent[];
  close(): void;
}

const eventSchema = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
  timeNano: z.number(),
});

/**
 * Listens from now on: the engine remembers some 256 events only, which health checks fill (facts). What runs inside a
 * container is left out.
 */
export async function listen(docker: Docker): Promise<EngineEvents> {
  const seen: ContainerEvent[] = [];
  const stream = await docker.getEvents({ filters: JSON.stringify({ type: ['container'] }) });
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.trim() !== '')) {
      const { Action, Actor, timeNano } = eventSchema.parse(JSON.parse(line));
      if (Action.startsWith('exec_') || Action.startsWith('health_status')) continue;
      seen.push({ action: Action, id: Actor.ID, name: Actor.Attributes['name'] ?? '', timeMs: timeNano / 1e6 });
    }
  });
  return { seen, close: () => (stream as NodeJS.ReadableStream & { destroy(): void }).destroy() };
}

const endings = ['stop', 'die', 'kill', 'pause', 'destroy', 'restart', 'oom'];

/** Events after which a container served less than before. */
export function endingsOf(events: readonly ContainerEvent[], ids: readonly string[]): readonly ContainerEvent[] {
  return events.filter(({ id, action }) => ids.includes(id) && endings.includes(action));
}
