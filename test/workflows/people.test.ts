import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NoticeInput } from '../../contract/notices.ts';
import { durationMs } from '../../runbook/duration.ts';
import type { Rung } from '../../runbook/escalation.ts';
import type { NoticeEvent } from '../../runbook/notices.ts';
import type { Target } from '../../target/schema.ts';
import { targetStub, withRollback } from '../support/rollback-run.ts';
import { fails, type ScriptedActs, scriptedActs } from '../support/scripted-acts.ts';
import { timeSkippingEnvironment } from '../support/time-skipping.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

/** Who is told and called, and when, at the real times of a target: hours pass in seconds on this server. */
let server: TestWorkflowEnvironment;

beforeAll(quietRuntime);

// A server each: one whose clock has jumped hands no more work to a second worker.
beforeEach(async () => {
  server = await timeSkippingEnvironment();
});

afterEach(() => server?.teardown());

const rung = (level: number, more: Partial<Rung> = {}) => ({
  level,
  name: `L${level}`,
  reach: ['phone'],
  notify: [`pager-${level}`],
  acknowledgeMs: durationMs('10m'),
  repeats: 1,
  businessHours: null,
  ...more,
});

function targetWith(rungs: readonly ReturnType<typeof rung>[], deadline = '2h'): Target {
  return {
    ...targetStub,
    questions: { deadlineMs: durationMs(deadline) },
    contacts: rungs,
    notices: { channels: [], stakeholders: ['chat'], deadMan: null },
  } as unknown as Target;
}

interface Told {
  readonly event: NoticeEvent;
  readonly channel: string;
  readonly key: string;
  /** Minutes since the start. */
  readonly minute: number;
}

/** Scripted acts, with deliveries that are only written down. */
function withDeliveries(acts: ScriptedActs, from: number): { readonly acts: ScriptedActs; readonly told: Told[] } {
  const told: Told[] = [];
  const sendNotice = async ({ notice, channel }: NoticeInput): Promise<object> => {
    const minute = Math.round((Date.parse(notice.at) - from) / 60_000);
    told.push({ event: notice.event, channel, key: notice.key, minute });
    return {};
  };
  return { acts: { ...acts, activities: { ...acts.activities, sendNotice } as ScriptedActs['activities'] }, told };
}

/** A rollback that comes to a question which nobody answers. */
async function stuck(
  target: Target,
  use: (run: Parameters<Parameters<typeof withRollback>[2]>[0]) => Promise<unknown> = (run) => run.result(),
): Promise<readonly Told[]> {
  const scripted = scriptedActs();
  scripted.script('stopExperiment', fails('docker-refused', 'the engine said no'));
  const from = await server.currentTimeMs();
  const { acts, told } = withDeliveries(scripted, from);
  const request = { scenario: 'service-disruption', clockFrom: new Date(from).toISOString(), target } as const;
  await withRollback(acts, request, use, { server });
  return told;
}

const calls = (told: readonly Told[]) =>
  told.filter(({ event }) => event === 'escalated').map(({ channel, minute }) => [channel, minute]);

describe('people outside', () => {
  it('stakeholders hear of start, question, each time mark once, and the verdict, each under a key of its own', async () => {
    const told = await stuck(targetWith([]));
    const events = told.filter(({ channel }) => channel === 'chat').map(({ event }) => event);
    for (const event of ['started', 'half-time', 'target-passed', 'maximum-near', 'maximum-passed', 'verdict'] as const)
      expect(
        events.filter((each) => each === event),
        event,
      ).toHaveLength(1);
    expect(events).toContain('question-waits');
    expect(new Set(told.map(({ key }) => key)).size).toBe(told.length);
    const minutes = Object.fromEntries(told.map(({ event, minute }) => [event, minute]));
    expect([
      minutes['half-time'],
      minutes['target-passed'],
      minutes['maximum-near'],
      minutes['maximum-passed'],
    ]).toEqual([8, 15, 54, 60]);
  });

  it('calls level after level while nobody acknowledges, each again before the next', async () => {
    const told = await stuck(targetWith([rung(1), rung(2), rung(3)], '6h'));
    // The target passes after 15 minutes; the maximum, after an hour, goes straight to level 2 at least, which has had its time.
    expect(calls(told)).toEqual([
      ['pager-1', 15],
      ['pager-1', 25],
      ['pager-2', 35],
      ['pager-2', 45],
      ['pager-3', 55],
      ['pager-3', 65],
    ]);
  });

  it('goes on to level 2 at once when the maximum passes while level 1 is being called', async () => {
    const told = await stuck(targetWith([rung(1, { acknowledgeMs: durationMs('2h') }), rung(2)], '6h'));
    expect(calls(told).slice(0, 2)).toEqual([
      ['pager-1', 15],
      ['pager-2', 60],
    ]);
  });

  it('calls for a question that has waited for half of its time, before any mark', async () => {
    const told = await stuck(targetWith([rung(1)], '10m'));
    expect(calls(told)[0]).toEqual(['pager-1', 5]);
  });

  it('calls nobody any more once somebody has acknowledged', async () => {
    const told = await stuck(targetWith([rung(1), rung(2)], '6h'), async (run) => {
      await run.boardWhere(({ question }) => question !== null);
      await server.sleep('16m');
      await run.boardWhere(({ escalation }) => escalation !== null);
      await run.send('acknowledge');
      const board = await run.boardWhere(({ escalation }) => escalation?.acknowledgedBy === 'tester');
      expect(board.answers.at(-1)).toMatchObject({ accepted: true });
      await run.send('acknowledge');
      await run.boardWhere(({ answers }) => answers.at(-1)?.accepted === false);
      await server.sleep('3h');
      await run.answer('give-up');
      await run.result();
    });
    expect(calls(told)).toEqual([['pager-1', 15]]);
  });
});
