import type { Command } from 'commander';
import type { DoctorFinding } from '../../contract/observe.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { Place } from '../environment.ts';
import { stateRootOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ClientFailure } from '../failures.ts';
import type { LoadedTarget } from '../load-target.ts';
import type { Output } from '../output.ts';
import type { Session } from '../session.ts';
import type { Style } from '../style.ts';
import { unsupervisedNote } from '../supervision.ts';
import { wrap } from '../text.ts';

export const usage = `Looks whether everything is there that a rollback needs. Changes nothing and starts nothing.

The worker looks at the target's host, as its acts would see it; without server or worker what can be seen from here is
looked at, and the rest is named as not looked at. Ends with 6 when something is missing, with 2 when the target is faulty.`;

export function options(command: Command): void {
  placeOptions(command);
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<PlaceOptions>();
  const { lookAll, looksHere } = await import('../examine-here.ts');
  const target = await lookAtTarget(given);
  const here = await lookAll(looksHere(stateRootOf(given), target.loaded?.environment));
  const host = await lookAtHost(target.loaded, given, out);
  const findings = [target.finding, ...here, ...host];
  const exit = exitOf(findings);
  out.lines(render(findings, out.style));
  out.result({ environment: target.loaded?.environment ?? null, findings, exitCode: exitCodes[exit].code });
  return exit;
}

async function lookAtTarget(
  given: PlaceOptions,
): Promise<{ readonly finding: DoctorFinding; readonly loaded?: LoadedTarget }> {
  const { loadTargetFrom } = await import('../load-target.ts');
  const { toFailure } = await import('../failures.ts');
  const title = 'Target file is sound';
  try {
    const loaded = await loadTargetFrom(given);
    const detail = `${loaded.file}, environment ${loaded.environment}`;
    return { finding: { id: 'target', title, status: 'ok', detail, remedy: null }, loaded };
  } catch (error) {
    const failure = toFailure(error);
    const detail = [failure.message, ...failure.details].join('\n');
    return { finding: { id: 'target', title, status: 'bad', detail, remedy: failure.next[0] ?? null } };
  }
}

/** Server, worker, and what the worker sees; where it cannot be asked, what is seen from here. */
async function lookAtHost(
  loaded: LoadedTarget | undefined,
  given: PlaceOptions,
  out: Output,
): Promise<readonly DoctorFinding[]> {
  if (loaded === undefined) return fromHere('there is no sound target file');
  const { withSession } = await import('../session.ts');
  const { toFailure } = await import('../failures.ts');
  try {
    return await withSession({ place: loaded, options: given, out }, (session) => askWorker(session, loaded));
  } catch (error) {
    const failure = toFailure(error);
    return [await noServer(failure, given), ...(await fromHere('no server could be asked'))];
  }
}

async function askWorker(session: Session, loaded: LoadedTarget): Promise<readonly DoctorFinding[]> {
  const { connected } = session;
  const note = connected.embedded ? unsupervisedNote(loaded.environment) : undefined;
  const server: DoctorFinding = {
    id: 'server',
    title: 'Temporal server answers',
    status: note === undefined ? 'ok' : 'weak',
    detail: `${connected.address}, namespace ${connected.namespace}${note === undefined ? '' : `. ${note}`}`,
    remedy:
      note === undefined ? null : 'rollback service has systemd start both; without it, after a reboot: rollback up',
  };
  const { somebodyPolls } = await import('../pollers.ts');
  if (!(await somebodyPolls(connected, loaded))) {
    return [server, noWorker(session, loaded), ...(await fromHere('no worker could be asked'))];
  }
  const { observe } = await import('../observe.ts');
  const { findings } = await observe(session, {
    kind: 'doctor',
    environment: loaded.environment,
    target: loaded.target,
    targetHash: loaded.hash,
    scenario: 'service-disruption',
    security: false,
    choices: [],
  });
  const worker: DoctorFinding = {
    id: 'worker',
    title: 'A worker takes the work',
    status: 'ok',
    detail: `queue ${connected.taskQueue}`,
    remedy: null,
  };
  return [server, worker, ...findings];
}

/** The embedded server is started by whoever needs it; a configured one that is away is a fault. */
async function noServer(failure: ClientFailure, given: PlaceOptions): Promise<DoctorFinding> {
  const { configuredServer } = await import('../connect.ts');
  const configured = configuredServer(given) !== undefined;
  return {
    id: 'server',
    title: 'Temporal server answers',
    status: configured ? 'bad' : 'weak',
    detail: failure.message,
    remedy: configured ? (failure.next[0] ?? null) : 'start and emergency bring it up; rollback up does it now',
  };
}

function noWorker({ connected }: Session, { environment }: Place): DoctorFinding {
  return {
    id: 'worker',
    title: 'A worker takes the work',
    status: connected.embedded ? 'weak' : 'bad',
    detail: `nobody polls ${connected.taskQueue}`,
    remedy: `on the host of the target: rollback up --environment ${environment}`,
  };
}

async function fromHere(why: string): Promise<readonly DoctorFinding[]> {
  const { lookAll, looksInsteadOfWorker, onlyTheWorkerSees } = await import('../examine-here.ts');
  const open = onlyTheWorkerSees.map(([id, title]) => ({
    id,
    title,
    status: 'unknown' as const,
    detail: `could not be looked at: ${why}`,
    remedy: 'rollback up, then rollback doctor',
  }));
  return [...(await lookAll(looksInsteadOfWorker)), ...open];
}

/** Unknown is no fault: it says so, and what to do. */
export function exitOf(findings: readonly DoctorFinding[]): ExitName {
  const bad = findings.filter(({ status }) => status === 'bad');
  if (bad.length === 0) return 'ok';
  return bad.every(({ id }) => id === 'target') ? 'usage' : 'missing';
}

const marks = {
  ok: ['✔', 'green', 'ok'],
  weak: ['!', 'yellow', 'weak'],
  bad: ['✘', 'red', 'BAD'],
  unknown: ['?', 'yellow', 'unknown'],
} as const;

export function render(findings: readonly DoctorFinding[], style: Style): readonly string[] {
  const lines = findings.flatMap(({ title, status, detail, remedy }) => {
    const [sign, colour, word] = marks[status];
    const [first = '', ...rest] = detail.split('\n');
    return [
      `${style[colour](`${sign} ${word.padEnd(7)}`)} ${title}: ${first}`,
      ...rest.map((line) => `            - ${line}`),
      ...(remedy === null || status === 'ok' ? [] : wrap(`→ ${remedy}`, style.width, '          ')),
    ];
  });
  const count = (status: DoctorFinding['status']) => findings.filter((finding) => finding.status === status).length;
  const sum = `${count('ok')} ok, ${count('weak')} weak, ${count('bad')} bad, ${count('unknown')} not looked at`;
  return [...lines, '', count('bad') > 0 ? style.red(`${sum}: a rollback would be refused or fail.`) : sum];
}
