/** What becomes of a message to a running rollback. Pure: state and message in, decision out. */

export interface RollbackState {
  readonly question: { readonly id: string; readonly options: readonly string[] } | null;
  readonly paused: boolean;
  readonly ending: boolean;
  readonly emergency: boolean;
}

export type IncomingMessage =
  | { readonly kind: 'answer'; readonly questionId: string; readonly option: string }
  | { readonly kind: 'pause' | 'resume' | 'cancel' | 'emergency' };

export type MessageDecision =
  | {
      readonly accepted: true;
      readonly text: string;
      readonly does: 'answer' | 'pause' | 'resume' | 'cancel' | 'emergency';
    }
  | { readonly accepted: false; readonly text: string };

const refuse = (text: string): MessageDecision => ({ accepted: false, text });

/** Source: design §3 (signals → pure decision → memo). */
export function decideMessage(state: RollbackState, message: IncomingMessage): MessageDecision {
  // The last step too may have a question, which must not be left to its deadline.
  const answers = message.kind === 'answer' && state.question !== null;
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
