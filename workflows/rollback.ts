import { allHandlersFinished, condition } from '@temporalio/workflow';
import type { RollbackRequest, RollbackResult } from '../contract/rollback.ts';
import { isPartial } from '../runbook/scenarios.ts';
import { timeTargetOf } from '../runbook/time-targets.ts';
import { changeScope, scopeStateOf } from './change-scope.ts';
import { watchClock } from './clock.ts';
import { closeIncident } from './close-incident.ts';
import { conductPhase } from './conduct.ts';
import { keepDeadManQuiet } from './dead-man.ts';
import { goEmergency } from './go-emergency.ts';
import { Incident, openBoard } from './incident.ts';
import { judge } from './judge.ts';
import { receiveMessages } from './messages.ts';
import { People } from './people.ts';
import { prepare } from './prepare.ts';
import { serveStable } from './serve-stable.ts';
import type { Story } from './story.ts';
import { isTakenOver, unlessTakenOver } from './take-over.ts';
import { watchReturns } from './watch-returns.ts';

/**
 * One rollback of one environment, from the broken experiment to the verdict; the runbook's four phases are its
 * children. The only address for messages.
 */
export async function rollback(request: RollbackRequest): Promise<RollbackResult> {
  const story = openStory(request);
  const clock = watchClock(story);

  await prepare(story);
  const signOfLife = keepDeadManQuiet(request);
  story.people.tell('started', `${request.scenario}: ${request.reason} (started by ${request.by.account})`);
  let watch = await carryOut(story);
  story.wishes.concluding = true;
  await unlessTakenOver(story, () => conclude(story));
  if (isTakenOver(story)) {
    watch.cancel();
    await goEmergency(story);
    watch = watchReturns(story);
    await conclude(story);
  }
  watch.cancel();
  tellVerdict(story);
  await document(story);
  clock.cancel();
  const result = await closeIncident(story);
  signOfLife.cancel();
  await story.people.conclude();

  await condition(allHandlersFinished);
  return result;
}

/** Carries out what is asked for, and once more whenever it has become something else meanwhile. */
async function carryOut(story: Story): Promise<{ cancel(): void }> {
  for (;;) {
    const watch = await carryOutScenario(story);
    if (story.wishes.scope === null || isTakenOver(story) || story.wishes.cancel !== null) return watch;
    watch.cancel();
    await changeScope(story, story.wishes.scope);
  }
}

async function carryOutScenario(story: Story): Promise<{ cancel(): void }> {
  if (isPartial(story.request.scenario) && story.mode !== 'emergency') {
    await conductPhase(story, 'partialRollback', 'partial');
    // The experiment goes on: there is no return to watch for.
    return { cancel: () => undefined };
  }
  if (story.mode === 'emergency') {
    await conductPhase(story, 'emergencyRollback', 'emergency');
    return watchReturns(story);
  }
  const responded = await conductPhase(story, 'immediateResponse', 'immediateResponse');
  const watch = watchReturns(story);
  const recovered =
    responded === 'finished' && (await conductPhase(story, 'dataRecovery', 'dataRecovery')) === 'finished';
  if (recovered) await conductPhase(story, 'systemValidation', 'systemValidation');
  return watch;
}

async function conclude(story: Story): Promise<void> {
  await serveStable(story);
  await judge(story);
}

function tellVerdict({ people, incident }: Story): void {
  const { verdict, verdictReasons } = incident.board;
  people.tell('verdict', [verdict ?? 'not-proven', ...verdictReasons].join('; '));
}

/** The report is written whatever happened; a message that comes this late changes nothing any more. */
async function document(story: Story): Promise<void> {
  story.wishes.ending = true;
  story.wishes.paused = false;
  story.wishes.cancel = null;
  if (story.mode !== 'emergency') story.wishes.emergency = null;
  await conductPhase(story, 'documentation', 'documentation');
}

function openStory(request: RollbackRequest): Story {
  const { targetMs, maximumMs } = timeTargetOf(request.target, request.scenario);
  const scale = request.timeScale;
  const incident = new Incident(openBoard(request, targetMs * scale, maximumMs * scale, Date.now()));
  const people = new People(request, incident);
  const story: Story = {
    request,
    incident,
    wishes: receiveMessages(incident, people, () => scopeStateOf(story)),
    people,
    questionMs: Math.max(1_000, request.target.questions.deadlineMs * scale),
    epoch: 0,
    mode: request.scenario === 'emergency' ? 'emergency' : 'full',
    plans: {},
    choices: request.choices,
    agreedPlans: request.agreedPlan === null ? [] : [request.agreedPlan],
    leaveData: false,
    recovery: undefined,
    relief: undefined,
    migration: undefined,
    settled: [],
    retried: [],
    children: 0,
    rounds: 0,
    ending: 'finished',
    caveats: [],
  };
  return story;
}
