import { setTimeout as wait } from 'node:timers/promises';
import type { Question } from '../contract/board.ts';
import { conclude } from './conclude.ts';
import { listenForDetach } from './detach.ts';
import type { ExitName } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import { ClientFailure, toFailure } from './failures.ts';
import { renderDiscards } from './render-board.ts';
import type { RollbackView } from './rollback-reader.ts';
import type { Screen } from './screen.ts';
import { screenFor } from './screen.ts';
import { sendMessage } from './send-message.ts';
import type { Session } from './session.ts';

export interface FollowOptions {
  /** Stays also while a question waits that nobody can answer here: its default holds at its deadline. */
  readonly wait?: boolean;
}

const lookEveryMs = 500;
/** Without anybody at a terminal a rollback that cannot go on is not followed for ever. */
const patienceMs = 5 * 60_000;

/**
 * Shows a rollback until its verdict. Leaving early changes nothing: it goes on, and `watch` comes back to it.
 * @throws ClientFailure `not-found`; the reason of a rollback that ended without a verdict
 */
export async function follow(session: Session, options: FollowOptions): Promise<ExitName> {
  const detach = listenForDetach();
  const screen = screenFor(session.out);
  try {
    return await new Following(session, options, screen, detach.signal).untilEnd();
  } finally {
    detach.dispose();
  }
}

class Following {
  readonly #session: Session;
  readonly #options: FollowOptions;
  readonly #screen: Screen;
  readonly #left: AbortSignal;
  /** Since when nothing can go on: no server, or no worker. */
  #stuckSince: number | undefined;
  #away = false;
  #answered: string | undefined;
  #last: RollbackView | undefined;

  constructor(session: Session, options: FollowOptions, screen: Screen, left: AbortSignal) {
    this.#session = session;
    this.#options = options;
    this.#screen = screen;
    this.#left = left;
  }

  async untilEnd(): Promise<ExitName> {
    while (!this.#left.aborted) {
      const view = await this.#look();
      if (view !== undefined) {
        const exit = await this.#settle(view);
        if (exit !== undefined) return exit;
      }
      await wait(lookEveryMs, undefined, { signal: this.#left }).catch(ignoreLeft);
    }
    return this.#detached();
  }

  /** @returns undefined while the server does not answer */
  async #look(): Promise<RollbackView | undefined> {
    try {
      const view = await this.#session.reader.read();
      if (view === undefined) throw noSuch(this.#session);
      this.#away = false;
      this.#last = view;
      this.#noteStuck(!view.workerThere, 'No worker is at work');
      return view;
    } catch (error) {
      if (toFailure(error).kind !== 'no-server') throw error;
      if (!this.#away) {
        this.#screen.say('The Temporal server does not answer; the rollback goes on when it is back (rollback up).');
      }
      this.#away = true;
      this.#noteStuck(true, 'The Temporal server does not answer');
      return undefined;
    }
  }

  #noteStuck(stuck: boolean, why: string): void {
    const now = performance.now();
    this.#stuckSince = stuck ? (this.#stuckSince ?? now) : undefined;
    if (this.#session.out.interactive || now - (this.#stuckSince ?? now) < patienceMs) return;
    throw new ClientFailure(this.#away ? 'no-server' : 'no-worker', `${why}; the rollback waits and is not lost.`, {
      next: [
        `On the host of the target: rollback up --environment ${this.#session.place.environment}`,
        'rollback watch follows it again.',
      ],
    });
  }

  /** @returns how the command ends, when it does */
  async #settle(view: RollbackView): Promise<ExitName | undefined> {
    if (view.status !== 'RUNNING') {
      this.#screen.end(view, Date.now());
      return conclude(this.#session, view);
    }
    this.#screen.show(view, Date.now());
    const question = view.board?.question ?? null;
    if (question === null || question.id === this.#answered) return undefined;
    if (this.#session.out.interactive) return this.#ask(view, question);
    return this.#options.wait === true ? undefined : this.#waiting(view, question);
  }

  async #ask(view: RollbackView, question: Question): Promise<ExitName | undefined> {
    const { askOperator } = await import('./ask-operator.ts');
    const { out } = this.#session;
    this.#screen.clear();
    // What the question is about stays above it: nobody should agree to what scrolled away.
    if (question.kind === 'confirm-plan') out.lines(renderDiscards(view.board?.discards ?? [], out.style));
    const asked = await askOperator(question, () => this.#isOpen(question));
    if (asked === 'detached') return this.#detached();
    this.#answered = question.id;
    if (asked === 'closed') {
      this.#screen.say('The question is closed: somebody else answered, or its default holds.');
      return undefined;
    }
    const { accepted, text } = await sendMessage(this.#session, 'answer', {
      questionId: question.id,
      option: asked.option,
      why: 'answered at the terminal',
    });
    this.#screen.say(accepted ? text : `Not taken: ${text}`);
    return undefined;
  }

  async #isOpen(question: Question): Promise<boolean> {
    if (this.#left.aborted) return false;
    try {
      const view = await this.#session.reader.read();
      return view?.status === 'RUNNING' && view.board?.question?.id === question.id;
    } catch (error) {
      // A server that is away for a moment does not take the question from the operator's hands.
      return toFailure(error).kind === 'no-server';
    }
  }

  #waiting(view: RollbackView, question: Question): ExitName {
    const { out, place } = this.#session;
    const options = question.options.map(({ name }) => name).join(' | ');
    out.lines([
      `The rollback waits for an answer, and nobody can be asked here: rollback answer <${options}>`,
      'rollback watch follows it again; --wait stays until the default holds.',
    ]);
    out.result({
      state: 'waiting',
      environment: place.environment,
      rollbackId: view.board?.rollbackId ?? null,
      question,
      ui: view.uiLink ?? null,
      exitCode: exitCodes.waiting.code,
    });
    return 'waiting';
  }

  #detached(): ExitName {
    const { out, place } = this.#session;
    this.#screen.clear();
    const line = `Detached: the rollback of ${place.environment} goes on. Come back with "rollback watch"; "rollback status" looks once.`;
    if (out.json) out.aside(line);
    out.lines([line]);
    out.result({
      state: 'detached',
      environment: place.environment,
      rollbackId: this.#last?.board?.rollbackId ?? null,
      ui: this.#last?.uiLink ?? null,
      exitCode: exitCodes.detached.code,
    });
    return 'detached';
  }
}

function noSuch({ place }: Session): ClientFailure {
  return new ClientFailure('not-found', `The server knows no rollback of ${place.environment}.`, {
    next: ['rollback report lists what lies in the state folder.'],
  });
}

/** The wait is cut short when the operator leaves; the loop's condition sees it. */
function ignoreLeft(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}
