import { condition, defineSignal, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { EscalationRequest, EscalationResult } from '../contract/escalation.ts';
import { signalNames } from '../contract/ids.ts';
import { type EscalationCause, escalationCauses, type Rung, rungsFrom, turnOf } from '../runbook/escalation.ts';
import { Herald } from './herald.ts';

interface Heard {
  acknowledgedBy: string | null;
  over: boolean;
  /** A level below this one has had its time: something worse has come up. */
  raisedTo: number;
  cause: EscalationCause;
}

/**
 * Calls one level after the other until somebody acknowledges, the rollback is over, or the ladder ends
 * (runbook, "Escalation Paths").
 */
export async function escalation(request: EscalationRequest): Promise<EscalationResult> {
  const heard = receive(request);
  const herald = new Herald(request);
  const called: EscalationResult['called'][number][] = [];
  const rungs = rungsFrom(request.rungs, heard.raisedTo);
  for (const [index, rung] of rungs.entries()) {
    if (isSettled(heard)) break;
    if (rung.level < heard.raisedTo && index < rungs.length - 1) continue;
    const how = await callRung(rung, { request, heard, herald, isLast: index === rungs.length - 1 });
    called.push({ level: rung.level, name: rung.name, how });
  }
  await herald.settled();
  return { acknowledgedBy: heard.acknowledgedBy, called };
}

function receive({ cause }: EscalationRequest): Heard {
  const heard: Heard = { acknowledgedBy: null, over: false, raisedTo: escalationCauses[cause].fromLevel, cause };
  setHandler(defineSignal<[string]>(signalNames.acknowledge), (account) => {
    heard.acknowledgedBy ??= account;
  });
  setHandler(defineSignal<[EscalationCause]>(signalNames.raise), (worse) => {
    heard.cause = worse;
    heard.raisedTo = Math.max(heard.raisedTo, escalationCauses[worse].fromLevel);
  });
  setHandler(defineSignal(signalNames.over), () => {
    heard.over = true;
  });
  return heard;
}

async function callRung(
  rung: Rung,
  {
    request,
    heard,
    herald,
    isLast,
  }: {
    readonly request: EscalationRequest;
    readonly heard: Heard;
    readonly herald: Herald;
    readonly isLast: boolean;
  },
): Promise<string> {
  const done = (): boolean => isSettled(heard) || (rung.level < heard.raisedTo && !isLast);
  const turn = turnOf(rung, Date.now(), isLast);
  if (turn.kind === 'skip') return `skipped: ${turn.why}`;
  if (turn.kind === 'wait') {
    setCurrentDetails(`Waits until level ${rung.level}, ${rung.name}, can be reached`);
    if (await condition(done, turn.untilMs - Date.now())) return endOf(heard);
  }
  for (let call = 0; call <= rung.repeats; call += 1) {
    setCurrentDetails(`Level ${rung.level}, ${rung.name}, was called ${call + 1} times`);
    herald.announce('escalated', textOf(rung, request, heard.cause), rung.notify);
    if (await condition(done, rung.acknowledgeMs * request.timeScale)) return endOf(heard);
  }
  return 'did not acknowledge';
}

function textOf({ level, name }: Rung, { environment, reason }: EscalationRequest, cause: EscalationCause): string {
  return `Level ${level}, ${name}: ${escalationCauses[cause].text} Rollback of ${environment}: ${reason}. Say that you are at it: rollback ack --environment ${environment}`;
}

function isSettled({ acknowledgedBy, over }: Heard): boolean {
  return acknowledgedBy !== null || over;
}

function endOf({ acknowledgedBy, over }: Heard): string {
  if (acknowledgedBy !== null) return `acknowledged by ${acknowledgedBy}`;
  return over ? 'the rollback was over' : 'something worse came up';
}
