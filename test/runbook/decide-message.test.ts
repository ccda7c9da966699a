import { describe, expect, it } from 'vitest';
import { decideMessage, type IncomingMessage, type RollbackState } from '../../runbook/decide-message.ts';

const atWork: RollbackState = { question: null, paused: false, ending: false, emergency: false, escalation: null };
const asked: RollbackState = { ...atWork, question: { id: 'q1', options: ['retry', 'skip'] } };

const kinds = ['pause', 'resume', 'cancel', 'emergency'] as const;
const answer = (questionId: string, option: string): IncomingMessage => ({ kind: 'answer', questionId, option });

/** What becomes of the four messages without content, in each state. */
const table: readonly [state: string, is: Partial<RollbackState>, taken: readonly string[]][] = [
  ['at work', {}, ['pause', 'cancel', 'emergency']],
  ['paused', { paused: true }, ['resume', 'cancel', 'emergency']],
  ['on the emergency path', { emergency: true }, []],
  ['being closed', { ending: true }, []],
  ['being closed while paused', { ending: true, paused: true }, []],
];

describe('a rollback', () => {
  it.each(table)('that is %s takes what it can, and says why it does not take the rest', (_, is, taken) => {
    const decisions = kinds.map((kind) => ({ kind, decision: decideMessage({ ...atWork, ...is }, { kind }) }));
    expect(decisions.filter(({ decision }) => decision.accepted).map(({ kind }) => kind)).toEqual(taken);
    for (const { kind, decision } of decisions) {
      expect(decision.text).toMatch(/^[A-Z].*\.$/);
      if (decision.accepted) expect(decision.does).toBe(kind);
    }
  });

  it('can be resumed on the emergency path when it was paused before', () => {
    expect(decideMessage({ ...atWork, emergency: true, paused: true }, { kind: 'resume' }).accepted).toBe(true);
  });
});

describe('an answer', () => {
  it('is taken when it names the open question and one of its options', () => {
    expect(decideMessage(asked, answer('q1', 'skip'))).toEqual({
      accepted: true,
      does: 'answer',
      text: 'Taken: skip.',
    });
  });

  it('is taken while the rollback is being closed: its last step asked', () => {
    expect(decideMessage({ ...asked, ending: true }, answer('q1', 'retry')).accepted).toBe(true);
  });

  it.each([
    ['no question is open', atWork, answer('q1', 'skip'), 'No question is open.'],
    ['it is for a closed one', asked, answer('q0', 'skip'), 'That question is closed; open is q1.'],
    ['it is no option', asked, answer('q1', 'Skip'), '"Skip" is no option; expected one of retry, skip.'],
    ['the rollback is being closed', { ...atWork, ending: true }, answer('q1', 'skip'), /being closed/],
  ] as const)('is refused with the reason when %s', (_, state, message, text) => {
    expect(decideMessage(state, message)).toMatchObject({ accepted: false, text: expect.stringMatching(text) });
  });
});
