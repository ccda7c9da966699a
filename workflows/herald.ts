import { CancellationScope, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { noticeWorkflowId, workflowTypes } from '../contract/ids.ts';
import type { NoticeRequest } from '../contract/notices.ts';
import { type NoticeEvent, noticeEvents } from '../runbook/notices.ts';

/** Whose notices these are. */
export interface Subject {
  readonly environment: string;
  readonly rollbackId: string;
  readonly scenario: string;
  readonly targetHash: string;
}

/**
 * Tells people outside. Each notice is a workflow of its own that outlives this one: nobody waits for a channel, and a
 * channel that is away for hours loses nothing. The run's id is part of the key, since a resumed rollback counts anew.
 */
export class Herald {
  readonly #subject: Subject;
  readonly #run = workflowInfo().runId.slice(0, 8);
  readonly #starts: Promise<unknown>[] = [];
  #count = 0;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** @param channels names of channels of the target; none: nobody wants to hear */
  announce(event: NoticeEvent, text: string, channels: readonly string[]): void {
    if (channels.length === 0) return;
    const { environment, rollbackId, scenario, targetHash } = this.#subject;
    this.#count += 1;
    const n = `${this.#run}-${this.#count}`;
    const { title, urgency } = noticeEvents[event];
    const at = new Date().toISOString();
    const key = `${rollbackId}/${n}/${event}`;
    const request: NoticeRequest = {
      notice: { key, event, urgency, title, text, at, environment, rollbackId, scenario },
      channels,
      targetHash,
    };
    const options = {
      workflowId: noticeWorkflowId(rollbackId, n),
      args: [request],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${title} (${environment})`,
    };
    // A notice is not taken back with the step that it came up in.
    const start = CancellationScope.nonCancellable(() => startChild(workflowTypes.notice, options));
    this.#starts.push(start.catch(() => undefined));
  }

  /** A workflow that closes earlier would take its last notices with it. */
  async settled(): Promise<void> {
    await Promise.all(this.#starts);
  }
}
