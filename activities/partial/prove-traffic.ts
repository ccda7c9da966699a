import { askProbe } from '../checks/ask-probe.ts';
import { keepEvidence } from '../checks/keep-evidence.ts';
import type { ActBody, Room } from '../kernel/room.ts';

export interface TrafficSeen {
  readonly asked: number;
  /** What came that only the stable system would not have said, with how often. */
  readonly elsewhere: readonly { readonly probe: string; readonly said: string; readonly times: number }[];
}

/** Asks where users ask, so often that a part of the traffic that still goes elsewhere is met, and looks who answered. */
export const proveTraffic: ActBody = async (room) => {
  const seen = await seeTraffic(room);
  const file = keepEvidence(room, 'partial/traffic.json', seen);
  const wrong = seen.elsewhere.reduce((sum, { times }) => sum + times, 0);
  return {
    outcome: wrong > 0 ? 'failed' : 'done',
    reason: trafficText(seen),
    figures: { asked: seen.asked, elsewhere: wrong },
    files: [file],
  };
};

export async function seeTraffic(room: Room): Promise<TrafficSeen> {
  const { probes, samples } = room.target.partial.integration ?? { probes: [], samples: 0 };
  const elsewhere = new Map<string, { probe: string; said: string; times: number }>();
  for (let n = 1; n <= samples; n += 1) {
    for (const probe of probes) {
      const { good, said } = await askProbe(room, probe);
      if (good) continue;
      const key = `${probe.name}\n${said}`;
      const times = (elsewhere.get(key)?.times ?? 0) + 1;
      elsewhere.set(key, { probe: probe.name, said, times });
    }
    room.progress(`asked ${n} of ${samples} times`);
  }
  return { asked: samples * probes.length, elsewhere: [...elsewhere.values()] };
}

export function trafficText({ asked, elsewhere }: TrafficSeen): string {
  if (elsewhere.length === 0) return `All of ${asked} requests were answered by the stable system.`;
  const told = elsewhere.slice(0, 4).map(({ probe, said, times }) => `${probe}, ${times} times: ${said}`);
  return `Of ${asked} requests not all were answered as only the stable system does: ${told.join('; ')}.`;
}
