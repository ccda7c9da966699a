import { defineSignal, setHandler } from '@temporalio/workflow';
import type { AnswerMessage, EmergencyMessage, Message, ScopeMessage } from '../contract/board.ts';
import { signalNames } from '../contract/ids.ts';
import { decideScope, type ScopeDecision, type ScopeState } from '../runbook/decide-choice.ts';
import type { IncomingMessage } from '../runbook/decide-message.ts';
import { decideMessage } from '../runbook/decide-message.ts';
import type { Scenario } from '../runbook/scenarios.ts';
import type { Incident } from './incident.ts';
import type { People } from './people.ts';

/** What the operator wants, as far as it was accepted; the story reads it at its safe points. */
export interface Wishes {
  cancel: Message | null;
  emergency: EmergencyMessage | null;
  paused: boolean;
  answer: { readonly questionId: string; readonly option: string; readonly by: string } | null;
  /** The rollback is to become another one. */
  scope: ScopeWish | null;
  /** All that was asked for is carried out; it is being judged. */
  concluding: boolean;
  ending: boolean;
}

export interface ScopeWish {
  readonly scenario: Scenario;
  /** Account of who chose it, or that the deadline of a question did. */
  readonly by: string;
  readonly why: string;
}

/** Handlers are set before the first await: signals that came with the start are not lost. */
export function receiveMessages(incident: Incident, people: People, state: () => ScopeState): Wishes {
  const wishes: Wishes = {
    cancel: null,
    emergency: null,
    paused: false,
    answer: null,
    scope: null,
    concluding: false,
    ending: false,
  };

  const take = (message: Message, incoming: IncomingMessage): boolean => {
    if (incident.answerTo(message.requestId)) return false;
    const { question, mode, escalation } = incident.board;
    const decision = decideMessage(
      {
        question: question ? { id: question.id, options: question.options.map((option) => option.name) } : null,
        paused: wishes.paused,
        ending: wishes.ending,
        emergency: mode === 'emergency' || wishes.emergency !== null,
        escalation,
      },
      incoming,
    );
    incident.answered({ requestId: message.requestId, accepted: decision.accepted, text: decision.text });
    return decision.accepted;
  };

  setHandler(defineSignal<[AnswerMessage]>(signalNames.answer), (message) => {
    const { questionId, option } = message;
    if (take(message, { kind: 'answer', questionId, option }))
      wishes.answer = { questionId, option, by: message.by.account };
  });
  setHandler(defineSignal<[Message]>(signalNames.acknowledge), (message) => {
    if (take(message, { kind: 'acknowledge' })) people.acknowledge(message.by.account);
  });
  setHandler(defineSignal<[Message]>(signalNames.pause), (message) => {
    if (take(message, { kind: 'pause' })) wishes.paused = true;
  });
  setHandler(defineSignal<[Message]>(signalNames.resume), (message) => {
    if (take(message, { kind: 'resume' })) wishes.paused = false;
  });
  setHandler(defineSignal<[Message]>(signalNames.cancel), (message) => {
    if (take(message, { kind: 'cancel' })) wishes.cancel = message;
  });
  setHandler(defineSignal<[EmergencyMessage]>(signalNames.emergency), (message) => {
    if (take(message, { kind: 'emergency' })) wishes.emergency = message;
  });
  setHandler(defineSignal<[ScopeMessage]>(signalNames.scope), (message) => {
    if (incident.answerTo(message.requestId)) return;
    const decision = chosen(wishes, state(), message);
    incident.answered({ requestId: message.requestId, accepted: decision.accepted, text: decision.text });
    if (!decision.accepted || message.preview) return;
    if (decision.scenario === 'emergency') wishes.emergency = { ...message, security: false };
    else if (decision.scenario === state().scenario) wishes.scope = null;
    else wishes.scope = { scenario: decision.scenario, by: message.by.account, why: message.why };
  });
  return wishes;
}

function chosen(wishes: Wishes, state: ScopeState, { scope }: ScopeMessage): ScopeDecision {
  if (wishes.ending || wishes.concluding) {
    return {
      accepted: false,
      text: 'All of it is carried out and being judged; start another rollback after this one.',
    };
  }
  if (wishes.scope !== null && scope === state.scenario) {
    return {
      accepted: true,
      scenario: scope,
      difference: [],
      text: 'The change of scope is dropped; it goes on as it is.',
    };
  }
  return decideScope({ ...state, emergency: state.emergency || wishes.emergency !== null }, scope);
}
