import { condition } from '@temporalio/workflow';
import type { Question } from '../contract/board.ts';
import type { QuestionKind } from '../runbook/questions.ts';
import { questions } from '../runbook/questions.ts';
import type { Wishes } from './messages.ts';
import type { Story } from './story.ts';

export interface Asked {
  readonly option: string;
  /** Account of who answered; null when the deadline decided. */
  readonly by: string | null;
}

/**
 * Puts a question on the board and waits for an answer, its deadline, or a message that makes it pointless.
 * @returns null when the operator asked for another path or a cancel instead
 */
export async function ask(
  { incident, wishes, people }: Pick<Story, 'incident' | 'wishes' | 'people'>,
  question: {
    readonly kind: QuestionKind;
    readonly id: string;
    readonly text: string;
    readonly deadlineMs: number;
    readonly planHash?: string;
    readonly defaultOption?: string;
  },
): Promise<Asked | null> {
  const row = questions[question.kind];
  const posed: Question = {
    id: question.id,
    kind: question.kind,
    text: question.text,
    options: Object.entries(row.options).map(([name, means]) => ({ name, means })),
    defaultOption: question.defaultOption ?? row.defaultOption,
    deadline: new Date(Date.now() + question.deadlineMs).toISOString(),
    planHash: question.planHash ?? null,
  };
  incident.update({ question: posed });
  people.tell(
    'question-waits',
    `${question.text} (options: ${posed.options.map(({ name }) => name).join(', ')}; default: ${posed.defaultOption})`,
  );
  const half = question.deadlineMs / 2;
  if (!(await condition(() => isSettled(wishes, posed.id), half))) {
    people.call('question-waits');
    await condition(() => isSettled(wishes, posed.id), half);
  }
  const { answer } = wishes;
  incident.update({ question: null });
  if (answer?.questionId === posed.id) {
    incident.notice(`${answer.by} chose ${answer.option}: ${question.text}`);
    return { option: answer.option, by: answer.by };
  }
  if (wishes.emergency || wishes.cancel || wishes.scope) return null;
  incident.notice(`Nobody answered in time; the default holds (${posed.defaultOption}): ${question.text}`);
  return { option: posed.defaultOption, by: null };
}

function isSettled(wishes: Wishes, questionId: string): boolean {
  const { answer, emergency, cancel, scope } = wishes;
  return answer?.questionId === questionId || emergency !== null || cancel !== null || scope !== null;
}
