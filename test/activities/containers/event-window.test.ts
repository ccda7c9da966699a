import { expect, it } from 'vitest';
import { eventWindow } from '../../../activities/containers/event-window.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();

it('asks the engine for what was wanted while its clock is ours', () => {
  expect(eventWindow({ since: at(10), until: at(11) }, at(12))).toEqual({ since: at(10), until: at(11) });
});

it('never asks for a future that the engine would wait for', () => {
  expect(eventWindow({ since: at(10), until: at(15) }, at(12))).toEqual({ since: at(10), until: at(12) });
});

it('asks for all that the engine remembers when the beginning lies after the end, which it would refuse', () => {
  expect(eventWindow({ since: at(13), until: at(11) }, at(12))).toEqual({ since: '0', until: at(11) });
  expect(eventWindow({ since: at(15), until: at(16) }, at(12))).toEqual({ since: '0', until: at(12) });
});
