import type { StepResult } from '../../contract/step.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { fileSwitch } from './switches/switch-file.ts';
import { httpSwitch } from './switches/switch-http.ts';
import type { Inverse, SwitchOf } from './switches/switch-kind.ts';
import { serviceSwitch } from './switches/switch-service.ts';

const prefix = 'switch:';

/**
 * Sets every switch that is not set, one after the other, and looks at it afterwards. What takes it back is owed before
 * it is set, so that no crash can come between the two; one that was set already by somebody else is left to them.
 * @throws ActFailure `refused` when a switch does not show what it was set to
 */
export async function setSwitches(room: Room, switches: readonly SwitchOf[]): Promise<StepResult> {
  const told: string[] = [];
  let changed = 0;
  for (const what of switches) {
    room.progress(`switch ${what.name}`);
    const before = await look(room, what);
    if (before.set && !isOwed(room, what)) {
      told.push(`${what.name} was set already`);
      continue;
    }
    if (!isOwed(room, what)) {
      const inverse = await inverseOf(room, what);
      room.obligation(`${prefix}${what.name}`, `Take the switch ${what.name} back (it was: ${before.said}).`, {
        inverse,
      });
    }
    await set(room, what);
    const after = await look(room, what);
    if (!after.set) throw new ActFailure('refused', `Switch ${what.name} was set and does not show it: ${after.said}.`);
    changed += before.set ? 0 : 1;
    told.push(`${what.name}: ${after.said}`);
  }
  return {
    outcome: switches.length === 0 ? 'skipped' : changed > 0 ? 'done' : 'already-done',
    reason: switches.length === 0 ? 'The target names no such switch.' : `${told.join('; ')}.`,
    figures: { switches: switches.length, changed },
  };
}

/**
 * Takes back every given switch that this rollback has set.
 * @returns names of those that were taken back
 */
export async function takeBackSwitches(room: Room, switches: readonly SwitchOf[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (const what of [...switches].reverse()) {
    const owed = owedFor(room, what);
    if (owed === undefined) continue;
    const inverse = owed.detail?.['inverse'];
    await takeBack(room, what, (inverse ?? {}) as Inverse);
    room.discharge(owed.id, `The switch ${what.name} is as it was.`);
    names.push(what.name);
  }
  return names;
}

export function look(room: Room, what: SwitchOf): Promise<{ readonly set: boolean; readonly said: string }> {
  switch (what.kind) {
    case 'file':
      return fileSwitch.look(room, what);
    case 'service':
      return serviceSwitch.look(room, what);
    case 'http':
      return httpSwitch.look(room, what);
  }
}

function inverseOf(room: Room, what: SwitchOf): Promise<Inverse> {
  switch (what.kind) {
    case 'file':
      return fileSwitch.inverse(room, what);
    case 'service':
      return serviceSwitch.inverse(room, what);
    case 'http':
      return httpSwitch.inverse(room, what);
  }
}

function set(room: Room, what: SwitchOf): Promise<void> {
  switch (what.kind) {
    case 'file':
      return fileSwitch.set(room, what);
    case 'service':
      return serviceSwitch.set(room, what);
    case 'http':
      return httpSwitch.set(room, what);
  }
}

function takeBack(room: Room, what: SwitchOf, inverse: Inverse): Promise<void> {
  switch (what.kind) {
    case 'file':
      return fileSwitch.takeBack(room, what, inverse);
    case 'service':
      return serviceSwitch.takeBack(room, what, inverse);
    case 'http':
      return httpSwitch.takeBack(room, what, inverse);
  }
}

function isOwed(room: Room, what: SwitchOf): boolean {
  return owedFor(room, what) !== undefined;
}

function owedFor(room: Room, { name }: SwitchOf) {
  return room.journal.openObligations().find(({ id }) => id === `${prefix}${name}`);
}
