/** What becomes of a message to a running rollback. Pure: state and message in, decision out. */

export interface RollbackState {
  readonly question: { readonly id: string; readonly options: readonly string[] } | null;
  readonly paused: boolean;
  readonly ending: boolean;
  readonly emergency: boolean;
  /** Whether somebody is being called, and who is at it already. */
  readonly escalation: { readonly acknowledgedBy: string | null } | null;
}

export type IncomingMessage =
  | { readonly kind: 'answer'; readonly questionId: string; readonly option: string }
  | { readonly kind: 'pause' | 'resume' | 'cancel' | 'emergency' | 'acknowledge' };

export type MessageDecision =
  | {
      readonly accepted: true;
      readonly text: string;
      readonly does: IncomingMessage['kind'];
    }
  | { readonly accepted: false; readonly text: string };

const refuse = (text: string): MessageDecision => ({ accepted: false, text });

/** Source: design §3 (signals → pure decision → memo). */
export function decideMessage(state: RollbackState, message: IncomingMessage): MessageDecision {
  // The last step too may have a question, which must not be left to its deadline.
  const answers = message.kind === 'answer' && state.question !== null;
  if (message.kind === 'acknowledge') return decideAcknowledge(state);
  if (state.ending && !answers) return refuse('The rollback is being closed; nothing can be changed any more.');
  switch (message.kind) {
    case 'answer':
      return decideAnswer(state, message);
    case 'pause':
      if (state.emergency) return refuse('The emergency path does not pause.');
      if (state.paused) return refuse('Already paused.');
      return { accepted: true, does: 'pause', text: 'Pauses after the step at work.' };
    case 'resume':
      if (!state.paused) return refuse('Not paused.');
      return { accepted: true, does: 'resume', text: 'Goes on.' };
    case 'cancel':
      if (state.emergency)
        return refuse('The emergency path is not cancelled: it would leave the system without service.');
      return {
        accepted: true,
        does: 'cancel',
        text: 'Ends after the step at work; the stable system is started first.',
      };
    case 'emergency':
      if (state.emergency) return refuse('The emergency path is already at work.');
      return { accepted: true, does: 'emergency', text: 'The emergency path takes over now.' };
  }
}

/** Also while the rollback is being closed: whoever is called wants to be left alone. */
function decideAcknowledge({ escalation }: RollbackState): MessageDecision {
  if (escalation === null) return refuse('Nobody has been called.');
  if (escalation.acknowledgedBy !== null) return refuse(`${escalation.acknowledgedBy} has acknowledged already.`);
  return { accepted: true, does: 'acknowledge', text: 'Acknowledged: nobody else is called.' };
}

function decideAnswer(
  state: RollbackState,
  message: { readonly questionId: string; readonly option: string },
): MessageDecision {
  if (!state.question) return refuse('No question is open.');
  if (state.question.id !== message.questionId) {
    return refuse(`That question is closed; open is ${state.question.id}.`);
  }
  if (!state.question.options.includes(message.option)) {
    return refuse(
      `${JSON.stringify(message.option)} is no option; expected one of ${state.question.options.join(', ')}.`,
    );
  }
  return { accepted: true, does: 'answer', text: `Taken: ${message.option}.` };
}
