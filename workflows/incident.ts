import { upsertMemo } from '@temporalio/workflow';
import type { Board, BoardNotice, MessageResult } from '../contract/board.ts';
import { boardKey } from '../contract/board.ts';
import type { RollbackRequest } from '../contract/rollback.ts';

const noticesKept = 12;
const answersKept = 8;

/** The board of one rollback: the only place where its public state is written, so that memo and code cannot differ. */
export class Incident {
  #board: Board;

  constructor(board: Board) {
    this.#board = board;
    upsertMemo({ [boardKey]: board });
  }

  get board(): Board {
    return this.#board;
  }

  update(change: Partial<Board>): void {
    this.#board = { ...this.#board, ...change };
    upsertMemo({ [boardKey]: this.#board });
  }

  notice(text: string, also: Partial<Board> = {}): void {
    const entry: BoardNotice = { at: new Date().toISOString(), text };
    this.update({ ...also, notices: [...this.#board.notices, entry].slice(-noticesKept) });
  }

  answered(result: MessageResult): void {
    this.update({ answers: [...this.#board.answers, result].slice(-answersKept) });
  }

  answerTo(requestId: string): MessageResult | undefined {
    return this.#board.answers.find((answer) => answer.requestId === requestId);
  }
}

/** @param targetMs and maximumMs: the scenario's time target, scaled, in milliseconds */
export function openBoard(request: RollbackRequest, targetMs: number, maximumMs: number, now: number): Board {
  const clockFrom = Date.parse(request.clockFrom);
  return {
    rollbackId: request.rollbackId,
    environment: request.environment,
    scenario: request.scenario,
    mode: request.scenario === 'emergency' ? 'emergency' : 'full',
    reason: request.reason,
    by: request.by,
    startedAt: new Date(now).toISOString(),
    clockFrom: request.clockFrom,
    targetAt: new Date(clockFrom + targetMs).toISOString(),
    maximumAt: new Date(clockFrom + maximumMs).toISOString(),
    phase: 'preparation',
    child: null,
    children: [],
    paused: false,
    containmentHash: null,
    recoveryHash: null,
    discards: [],
    question: null,
    notices: [],
    healthyAt: null,
    verdict: null,
    verdictReasons: [],
    reportPath: null,
    openObligations: 0,
    escalation: null,
    answers: [],
  };
}
