import {
  CancellationScope,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { EscalationRequest } from '../contract/escalation.ts';
import { escalationWorkflowId, signalNames, workflowTypes } from '../contract/ids.ts';
import type { RollbackRequest } from '../contract/rollback.ts';
import { type EscalationCause, rungsFrom } from '../runbook/escalation.ts';
import type { NoticeEvent } from '../runbook/notices.ts';
import { Herald } from './herald.ts';
import type { Incident } from './incident.ts';

type Called = Pick<ChildWorkflowHandle<() => Promise<unknown>>, 'signal'>;

/** People outside: those who want to hear, and those who must come. Nothing of it keeps the rollback waiting. */
export class People {
  readonly #request: RollbackRequest;
  readonly #incident: Incident;
  readonly #herald: Herald;
  #ladder: Promise<Called> | null = null;
  readonly #sent: Promise<unknown>[] = [];
  #ladders = 0;

  constructor(request: RollbackRequest, incident: Incident) {
    this.#request = request;
    this.#incident = incident;
    this.#herald = new Herald(request);
  }

  tell(event: NoticeEvent, text: string): void {
    this.#herald.announce(event, text, this.#request.target.notices.stakeholders);
  }

  /** Calls the first level that can help; where somebody is being called already, goes on to a higher level. */
  call(cause: EscalationCause): void {
    const { contacts } = this.#request.target;
    if (rungsFrom(contacts, 1).length === 0) return;
    if (this.#incident.board.escalation?.acknowledgedBy) return;
    if (this.#ladder) {
      this.#send(signalNames.raise, cause);
      return;
    }
    this.#ladders += 1;
    const { environment, rollbackId, scenario, reason, targetHash, timeScale } = this.#request;
    const workflowId = escalationWorkflowId(rollbackId, `${workflowInfo().runId.slice(0, 8)}-${this.#ladders}`);
    const request: EscalationRequest = {
      environment,
      rollbackId,
      scenario,
      reason,
      targetHash,
      rungs: contacts,
      cause,
      timeScale,
    };
    const options = {
      workflowId,
      args: [request],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Call people for ${environment}`,
    };
    this.#ladder = CancellationScope.nonCancellable(() => startChild(workflowTypes.escalation, options));
    this.#ladder.catch(() => undefined);
    const since = new Date().toISOString();
    this.#incident.update({ escalation: { workflowId, cause, since, acknowledgedBy: null } });
  }

  /** Somebody is at it: nobody else is called. */
  acknowledge(account: string): void {
    const { escalation } = this.#incident.board;
    if (escalation) this.#incident.update({ escalation: { ...escalation, acknowledgedBy: account } });
    this.#send(signalNames.acknowledge, account);
  }

  /** Whoever is being called need not come any more, unless the rollback failed. */
  async conclude(): Promise<void> {
    if (this.#incident.board.verdict === 'failed') this.call('failed');
    else this.#send(signalNames.over);
    await this.#herald.settled();
    await this.#ladder?.catch(() => undefined);
    await Promise.all(this.#sent);
  }

  /** A ladder that has ended hears nothing; that is no failure of the rollback. */
  #send(signal: string, ...args: readonly string[]): void {
    const ladder = this.#ladder;
    if (ladder) this.#sent.push(ladder.then((child) => child.signal(signal, ...args)).catch(() => undefined));
  }
}
