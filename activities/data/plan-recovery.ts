import type { CheckpointRecord, Findings, RecoveryPlan } from '../../contract/records.ts';
import type { RecoveryPlanned } from '../../contract/rollback.ts';
import { decideRecovery, type RepositoryFacts } from '../../runbook/decide-recovery.ts';
import type { RootFacts } from '../../runbook/decide-root.ts';
import { branchPrefix, summaryOf } from '../git/read-repository.ts';
import {
  fileRef,
  findRecord,
  readCheckpoint,
  readFindings,
  recordHash,
  recordPath,
  writeRecord,
} from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { type ExaminedRepository, examineRepository, examineRepositoryIfPossible } from './examine-repository.ts';
import { wasBegun } from './restore-journal.ts';
import { sourcesOf } from './root-sources.ts';
import { scenarioOf } from './scenario-of.ts';
import { experimentUsers, stableFacts } from './stable-facts.ts';

/**
 * Looks up what the recovery plan depends on, has it decided by the runbook's rules and writes it down with its hash
 * (runbook 2.2 "if needed"). On the emergency path there are no findings: it looks at git and images only, data roots
 * count as unchecked, and a repository that cannot be read is left alone (design §4.4).
 */
export const planRecovery: ActBody<RecoveryPlanned> = async (room) => {
  const emergency = room.input.mode === 'emergency';
  const checkpoint = readCheckpoint(room);
  const findings = emergency ? undefined : readFindings(room);
  const repository = await (emergency ? examineRepositoryIfPossible : examineRepository)(room, checkpoint);
  const roots: RootFacts[] = [];
  for (const root of room.target.data) roots.push(await rootFacts(room, { root, checkpoint, findings, repository }));
  const { git, state } = repository;
  const changes = git === null || state === null ? null : { top: git.top, comparison: state.comparison };
  const scenario = scenarioOf(room);
  const recovery = decideRecovery({
    scenario,
    roots,
    repository: repositoryFacts(repository),
    stable: await stableFacts(room, checkpoint, changes),
    experiment: scenario === 'data-migration' ? await experimentUsers(room) : [],
  });
  const { returns, reason } = recovery.repository;
  const plan: RecoveryPlan = {
    format: 1,
    at: new Date(room.world.now()).toISOString(),
    checkpoint: repository.checkpoint,
    roots: recovery.roots,
    steps: recovery.steps.map((step) => ({ ...step, reason: cut(step.reason) })),
    discards: recovery.discards,
    questions: recovery.questions.map((question) => ({ ...question, why: cut(question.why) })),
    conflicts: [...repository.conflicts, ...recovery.conflicts],
    stopForData: recovery.stopForData,
    recreate: recovery.recreate,
    // Named without this rollback's id: a forecast and the plan it foresaw are the same plan.
    git: { returnTo: returns ? repository.checkpoint.commit : null, branch: returns ? branchPrefix : null, reason },
  };
  return keep(room, plan);
};

type DataRoot = Room['target']['data'][number];

async function rootFacts(
  room: Room,
  asked: {
    readonly root: DataRoot;
    readonly checkpoint: CheckpointRecord | null;
    readonly findings: Findings | undefined;
    readonly repository: ExaminedRepository;
  },
): Promise<RootFacts> {
  const { root, checkpoint, findings, repository } = asked;
  const finding = findings?.roots.find((each) => each.root === root.name);
  const choice = room.input.options.choices?.find((each) => each.root === root.name)?.action ?? null;
  // Emergency may take over, or a rollback be resumed, while a root is half put back.
  const begun = wasBegun(room, root.name);
  const migrated = room.target.partial.migration?.roots.includes(root.name) === true;
  const mayGoBack =
    choice === 'put-back' ||
    begun ||
    (findings === undefined
      ? root.restore === 'always'
      : finding?.integrity !== 'sound' || root.restore !== 'when-corrupt' || migrated);
  // To look for backups reads them all: an emergency does so only for what may go back (design §4.4).
  const { sources, disagreements } =
    findings === undefined && !mayGoBack
      ? { sources: [], disagreements: [] }
      : await sourcesOf(room, {
          root,
          checkpoint,
          git: repository.git,
          commit: repository.checkpoint.commit,
          compare: findings !== undefined && mayGoBack,
        });
  return {
    root: root.name,
    policy: root.restore,
    integrity: finding?.integrity ?? 'unchecked',
    integrityReasons: (finding?.reasons ?? []).slice(0, 4).map(cut),
    changes: finding?.changes ?? null,
    sources,
    disagreements,
    choice,
    begun,
    migrated,
  };
}

function repositoryFacts({ checkpoint, state, refusals }: ExaminedRepository): RepositoryFacts {
  const { commit, ref } = checkpoint;
  if (state === null) return { commit, ref, head: '', operation: null, differing: 0, bytes: 0, refusals };
  const { differing, bytes } = summaryOf(state);
  return { commit, ref, head: state.head, operation: state.operation, differing, bytes, refusals };
}

/** The same decision keeps its instant: whoever started a container after it did so by this plan. */
function keep(room: Room, plan: RecoveryPlan): RecoveryPlanned {
  const earlier = findRecord(room, 'recovery');
  const known = earlier !== undefined && recordHash(earlier) === recordHash(plan);
  const file = known ? fileRef(recordPath(room, 'recovery')) : writeRecord(room, 'recovery', plan).file;
  const { id, commit } = plan.checkpoint;
  return {
    outcome: known ? 'already-done' : 'done',
    reason: told(plan),
    hash: recordHash(plan),
    steps: plan.steps,
    discards: plan.discards,
    questions: plan.questions,
    checkpoint: { id, commit },
    conflicts: plan.conflicts.length,
    figures: { steps: plan.steps.length, questions: plan.questions.length, conflicts: plan.conflicts.length },
    files: [file],
  };
}

function told({ roots, git, recreate, steps, questions }: RecoveryPlan): string {
  if (steps.length === 0 && questions.length === 0)
    return 'Nothing has to change: code, data and images are as they should be.';
  const back = roots.filter(({ action }) => action === 'put-back').map(({ root }) => root);
  const parts = [
    git.returnTo === null ? 'the repository stays' : `the repository returns to ${git.returnTo.slice(0, 12)}`,
    back.length === 0 ? 'no data go back' : `${back.join(', ')} go back`,
    ...(recreate.length === 0 ? [] : [`${recreate.map(({ service }) => service).join(', ')} must change`]),
    ...(questions.length === 0 ? [] : [`${questions.map(({ root }) => root).join(', ')} must be decided by a person`]),
  ];
  return `${steps.length} step(s): ${parts.join('; ')}.`;
}

/** Histories carry sentences, not pages. */
function cut(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 399)}…`;
}
