import type { NoticeRecord } from '../runbook/notice-record.ts';
import type { NoticeEvent, NoticeUrgency } from '../runbook/notices.ts';

/** One thing that people outside are told, once for each channel. */
export interface Notice {
  /** The same for every try and every channel: a receiver that has seen it may ignore it. */
  readonly key: string;
  readonly event: NoticeEvent;
  readonly urgency: NoticeUrgency;
  readonly title: string;
  /** One or a few sentences for people; no secret in it. */
  readonly text: string;
  /** ISO instant at which it came up; it may arrive much later. */
  readonly at: string;
  readonly environment: string;
  readonly rollbackId: string;
  readonly scenario: string;
}

/** Argument of the workflow that delivers one notice. */
export interface NoticeRequest {
  readonly notice: Notice;
  /** Names of channels of the target. */
  readonly channels: readonly string[];
  readonly targetHash: string;
}

export interface NoticeInput {
  readonly notice: Notice;
  readonly channel: string;
  readonly targetHash: string;
}

export interface DeadManInput {
  readonly environment: string;
  readonly rollbackId: string;
  readonly targetHash: string;
}

/** What leaves the host: neither fenced nor under the lock, since it changes nothing here and may outlive the rollback. */
export interface NoticeActivities {
  sendNotice(input: NoticeInput): Promise<NoticeRecord>;
  /** Asks the dead man's address again and again until it is cancelled. */
  pingDeadMan(input: DeadManInput): Promise<void>;
}
