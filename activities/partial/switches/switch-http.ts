import { askProbe, type Probe } from '../../checks/ask-probe.ts';
import { ActFailure } from '../../kernel/failures.ts';
import type { Room } from '../../kernel/room.ts';
import type { SwitchKind, SwitchOf } from './switch-kind.ts';

type HttpSwitch = SwitchOf<'http'>;

/** A call to a router or limiter. Whether it is set is asked by a question of its own, never taken from the call's answer. */
export const httpSwitch: SwitchKind<HttpSwitch> = {
  async look(room, { is, name }) {
    const { good, said, answer } = await askProbe(room, is);
    if (answer === null) throw new ActFailure('no-answer', `Switch ${name} cannot be asked: ${said}`);
    return { set: good, said };
  },
  async inverse() {
    return { request: 'undo' };
  },
  set: (room, what) => send(room, what, 'set'),
  takeBack: (room, what) => send(room, what, 'undo'),
};

async function send(room: Room, what: HttpSwitch, which: 'set' | 'undo'): Promise<void> {
  const probe: Probe = what[which];
  const intent = {
    kind: `switch-${which}`,
    target: probe.url,
    recovery: 'do-again',
    detail: { name: what.name },
  } as const;
  await room.effect(intent, async () => {
    const { good, said } = await askProbe(room, probe);
    if (good) return 'done' as const;
    throw new ActFailure('no-answer', `Switch ${what.name} did not take its call: ${said}`);
  });
}
