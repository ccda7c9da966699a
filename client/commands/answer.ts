import type { Command } from 'commander';
import type { Question } from '../../contract/board.ts';
import { boardOf } from '../board.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { Session } from '../session.ts';
import { tellResult } from '../tell-result.ts';

export const usage = `Answers the question that the rollback waits with; "rollback status" shows it with its options.

With --question an answer counts for that question only: one that was closed meanwhile changes nothing.`;

export function options(command: Command): void {
  command
    .argument('<option>', 'name or number of one of its options')
    .option('--question <id>', 'the question that is meant (default: the open one)')
    .option('--why <text>', 'stands in the history', 'asked by the operator');
  placeOptions(command);
}

interface AnswerOptions extends PlaceOptions {
  readonly question?: string;
  readonly why: string;
}

export async function run({ args, command, out }: Call): Promise<ExitName> {
  const given = command.opts<AnswerOptions>();
  const place = placeOf(given);
  const { withSession } = await import('../session.ts');
  const { sendMessage } = await import('../send-message.ts');
  const result = await withSession({ place, options: given, out }, async (session) => {
    const question = await openQuestion(session, given.question);
    return sendMessage(session, 'answer', {
      questionId: question.id,
      option: optionOf(question, args[0] ?? ''),
      why: given.why,
    });
  });
  return tellResult(result, place.environment, out);
}

/** @throws ClientFailure `not-found` when none is open, or another than the one that is meant */
async function openQuestion({ reader, place }: Session, wanted: string | undefined): Promise<Question> {
  const description = await reader.describe();
  const question = description?.status.name === 'RUNNING' ? boardOf(description.memo)?.question : undefined;
  if (question && (wanted === undefined || wanted === question.id)) return question;
  const instead = question ? ` Open is ${question.id}.` : '';
  throw new ClientFailure(
    'not-found',
    wanted === undefined
      ? `No question of ${place.environment} is open; nothing was sent.`
      : `The question ${wanted} is not open; nothing was sent.${instead}`,
    { next: ['rollback status shows what is open.'] },
  );
}

/** @throws ClientFailure `usage` with the options there are */
export function optionOf(question: Question, text: string): string {
  const numbered = /^[1-9]\d?$/.test(text) ? question.options[Number(text) - 1] : undefined;
  const found = numbered ?? question.options.find(({ name }) => name === text);
  if (found !== undefined) return found.name;
  throw new ClientFailure('usage', `${JSON.stringify(text)} is no option of the open question; nothing was sent.`, {
    details: question.options.map(({ name, means }, index) => `${index + 1}  ${name}: ${means}`),
  });
}
