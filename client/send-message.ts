import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { AnswerMessage, EmergencyMessage, Message, MessageResult, ScopeMessage } from '../contract/board.ts';
import { signalNames } from '../contract/ids.ts';
import { boardOf } from './board.ts';
import { ClientFailure } from './failures.ts';
import { personHere } from './person.ts';
import { somebodyPolls } from './pollers.ts';
import type { Session } from './session.ts';

interface Contents {
  readonly acknowledge: object;
  readonly answer: Omit<AnswerMessage, keyof Message>;
  readonly cancel: object;
  readonly emergency: Omit<EmergencyMessage, keyof Message>;
  readonly pause: object;
  readonly resume: object;
  readonly scope: Omit<ScopeMessage, keyof Message>;
}

export type MessageKind = keyof Contents;

const answerDeadlineMs = 20_000;
const lookMs = 150;

/**
 * Sends a message to the running rollback and waits until the workflow says what became of it (design §3).
 * @throws ClientFailure `not-found` when none runs, `no-worker` when nobody reads the message for now: it is kept
 */
export async function sendMessage<K extends MessageKind>(
  session: Session,
  kind: K,
  content: Contents[K] & { readonly why: string },
): Promise<MessageResult> {
  const before = await session.reader.describe();
  if (before?.status.name !== 'RUNNING') throw noneRuns(session);
  const requestId = randomUUID();
  await session.reader.handle.signal(signalNames[kind], { ...content, requestId, by: personHere() });
  return resultOf(session, kind, requestId);
}

/** The result of a message by its request id. */
async function resultOf(session: Session, kind: MessageKind, requestId: string): Promise<MessageResult> {
  const workerThere = await somebodyPolls(session.connected, session.place);
  // Without a worker one look is enough: it may have ended a moment after it had answered.
  const deadline = performance.now() + (workerThere ? answerDeadlineMs : lookMs);
  for (;;) {
    const description = await session.reader.describe();
    const result = boardOf(description?.memo)?.answers.find((answer) => answer.requestId === requestId);
    if (result !== undefined) return result;
    if (description?.status.name !== 'RUNNING') {
      throw new ClientFailure(
        'refused',
        `The rollback ended before it read the message (${kind}); nothing was changed.`,
        {
          next: ['rollback status shows how it ended.'],
        },
      );
    }
    if (performance.now() > deadline) throw notRead(session, kind, workerThere);
    await wait(lookMs);
  }
}

function notRead({ place }: Session, kind: MessageKind, workerThere: boolean): ClientFailure {
  const why = workerThere
    ? `The worker did not read it within ${answerDeadlineMs / 1000} s`
    : `No worker is at work for ${place.environment}`;
  return new ClientFailure(
    'no-worker',
    `${why}. The message (${kind}) is kept by the server and is read as soon as one is.`,
    {
      next: [
        `On the host of the target: rollback up --environment ${place.environment}`,
        'rollback status shows what became of it.',
      ],
    },
  );
}

export function noneRuns({ place }: Pick<Session, 'place'>): ClientFailure {
  return new ClientFailure('not-found', `No rollback of ${place.environment} runs; nothing was sent.`, {
    next: ['rollback status shows the last one.'],
  });
}
