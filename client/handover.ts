import type { Board } from '../contract/board.ts';
import type { RollbackOnDisk } from './rollback-files.ts';
import type { StepView } from './steps-view.ts';

/** All that the next person has to know, from wherever it could be read. */
export interface Handover {
  readonly environment: string;
  /** The board, where a server was asked. */
  readonly board: Board | undefined;
  /** What the state folder of this host has, if anything. */
  readonly disk: Pick<RollbackOnDisk, 'rollbackId' | 'state' | 'obligations' | 'request' | 'judgement'> | undefined;
  readonly steps: readonly StepView[];
  readonly running: boolean;
  readonly workerThere: boolean;
  /** False when no server could be asked. */
  readonly serverThere: boolean;
}

export interface NextCommand {
  readonly command: string;
  readonly why: string;
}

/** The one command to type next. Pure: the most urgent reason wins. */
export function nextCommand({ environment, board, disk, running, workerThere, serverThere }: Handover): NextCommand {
  const of = (words: string, why: string): NextCommand => ({
    command: `rollback ${words} --environment ${environment}`,
    why,
  });
  if (!serverThere) {
    return disk === undefined || disk.state === 'closed'
      ? of('report', 'the server is down, and nothing is under way here')
      : of('up', 'the server is down; what was under way goes on');
  }
  if (running && !workerThere) return of('up', 'no worker is at work: nothing goes on until then');
  if (board?.question) {
    const options = board.question.options.map(({ name }) => name).join('|');
    return of(`answer <${options}>`, 'a question waits; without an answer its default holds');
  }
  if (running && board?.paused) return of('resume', 'it is paused');
  if (running && board?.escalation && board.escalation.acknowledgedBy === null) {
    return of('ack', 'people are being called until somebody says that they are at it');
  }
  if (running) return of('watch', 'it is at work');
  if (disk?.state === 'left-open') return of('resume', 'it ended before its time');
  return of('report', 'it has ended');
}

/** Steps that went wrong or are not through: what the next person asks about first. */
export function openSteps(steps: readonly StepView[]): readonly StepView[] {
  return steps.filter(({ state, endedAt }) => endedAt === null || state === 'failed' || state === 'unknown');
}
