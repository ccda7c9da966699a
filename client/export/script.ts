import { oneLine } from '../text.ts';
import { functions } from './functions.ts';

/** All that a script says and does; ids and paths only, nothing is looked up by name when it runs. */
export interface ScriptFacts {
  readonly environment: string;
  /** Part of branch and folder names; the same export run again goes on with its own. */
  readonly run: string;
  readonly madeAt: string;
  readonly from: string;
  readonly daemonId: string;
  readonly repository: string;
  readonly lockFiles: readonly string[];
  readonly keepIn: string;
  /** Data may be corrupt: the experiment is killed, not asked to stop. */
  readonly suspectData: boolean;
  readonly experiment: readonly { readonly id: string; readonly name: string }[];
  readonly stable: readonly { readonly id: string; readonly name: string; readonly image: string | null }[];
  /** Containers that use the data that go back. */
  readonly stopForData: readonly string[];
  readonly git: { readonly commit: string; readonly leaveOut: readonly string[] } | null;
  readonly restore: readonly {
    readonly root: string;
    readonly path: string;
    readonly copy: string;
    readonly digest: string;
    readonly files: number;
    readonly bytes: number;
  }[];
  readonly probe: {
    readonly url: string;
    readonly timeoutS: number;
    readonly deadlineS: number;
    readonly answers: number;
  } | null;
  /** What a rollback would do and this script does not. */
  readonly notDone: readonly string[];
}

/** The plan as one POSIX shell script, readable from top to bottom, in the order of a rollback (design §4.1). */
export function renderScript(facts: ScriptFacts): string {
  return `${[header(facts), functions, steps(facts), main(facts)].join('\n\n')}\n`;
}

function header(facts: ScriptFacts): string {
  return `#!/bin/sh
# Rollback of ${comment(facts.environment)} by hand, for the day when everything else is dead.
# Made ${facts.madeAt} from ${comment(facts.from)}.
#
# It contains the experiment, keeps logs, stops it, makes a safety copy, returns the repository to the checkpoint on a
# branch of its own, puts data back that were found corrupt, starts the stable system and asks it until it is healthy.
# Nothing is deleted. It acts on ids only and refuses to run on another engine or repository. Run again, it goes on.
#
#   sh rollback.sh          shows what it will do, and asks
#   sh rollback.sh --yes    does not ask
#
# Needs docker, git, curl or wget, and the GNU tools; as root, or as an account that may use docker and the data.
#
# shellcheck disable=SC2016 # names stand in single quotes, so that nothing in them is carried out
set -eu
LC_ALL=C
export LC_ALL
umask 027

RUN=${quoted(facts.run)}
DAEMON=${quoted(facts.daemonId)}
REPO=${quoted(facts.repository)}
KEEP=${quoted(facts.keepIn)}
SUSPECT=${facts.suspectData ? 'yes' : 'no'}
BEGUN=no`;
}

function steps(facts: ScriptFacts): string {
  const { experiment, stable, stopForData, git, restore, probe } = facts;
  const each = <T>(list: readonly T[], line: (one: T) => string): readonly string[] => list.map(line);
  const names = new Map([...stable, ...experiment].map(({ id, name }) => [id, name]));
  const of = (verb: string, ...more: readonly string[]) =>
    each(experiment, ({ id, name }) => [verb, id, ...more, quoted(name)].join(' '));
  return [
    block('contain_all', of('contain')),
    block(
      'evidence_live',
      each(experiment, ({ id }) => `evidence ${id} live`),
    ),
    block('stop_all', of('stop_one')),
    block(
      'evidence_last',
      each(experiment, ({ id }) => `evidence ${id} last`),
    ),
    block('prove_all_stopped', of('prove_stopped')),
    block(
      'safety_copies',
      each(restore, ({ root, path }) => `safety_copy ${quoted(root)} ${quoted(path)}`),
    ),
    block(
      'stop_data_users',
      each(stopForData, (id) => `stop_user ${id} ${quoted(names.get(id) ?? id.slice(0, 12))}`),
    ),
    block('return_repository', git === null ? [] : [gitLine(git)]),
    block(
      'restore_all',
      each(restore, ({ root, path, copy, digest }) =>
        ['restore', quoted(root), quoted(path), quoted(copy), digest].join(' '),
      ),
    ),
    block(
      'start_all',
      each(stable, ({ id, name, image }) => `start_stable ${id} ${quoted(name)} ${quoted(image ?? '')}`),
    ),
    block('probe_stable', probe === null ? [] : [probeLine(probe)]),
  ].join('\n\n');
}

function block(name: string, lines: readonly string[]): string {
  const body = lines.length === 0 ? ["say '  nothing to do'"] : lines;
  return `${name}() {\n${body.map((line) => `  ${line}`).join('\n')}\n}`;
}

function gitLine({ commit, leaveOut }: NonNullable<ScriptFacts['git']>): string {
  return ['git_return', commit, ...leaveOut.map((path) => quoted(`:(exclude,literal)${path}`))].join(' ');
}

function probeLine({ url, timeoutS, deadlineS, answers }: NonNullable<ScriptFacts['probe']>): string {
  const asked = ['probe', quoted(url), timeoutS, deadlineS, answers].join(' ');
  return `${asked} || stop_here ${quoted(`the stable system did not become healthy within ${deadlineS} s`)}`;
}

function main(facts: ScriptFacts): string {
  const { experiment, restore, git, stable, notDone, lockFiles } = facts;
  const told = [
    `Rollback of ${facts.environment}, by the plan of ${facts.madeAt}:`,
    `- contain and stop ${experiment.length} container(s): ${experiment.map(({ name }) => name).join(', ') || 'none'}`,
    git === null ? '- the repository stays as it is' : `- the repository returns to commit ${git.commit}`,
    ...restore.map(({ root, path, files, bytes }) => `- put back ${root} (${path}): ${files} files, ${bytes} bytes`),
    `- start ${stable.map(({ name }) => name).join(', ')}`,
    `- safety copy, logs and what moves aside are kept in ${facts.keepIn} and beside the data`,
  ];
  const owed = ['No judgement was made and no report was written: look at the answers yourself.', ...notDone];
  return `check_place() {
  need docker git find sort xargs sha256sum stat timeout du df awk
  [ "$(docker info -f '{{.ID}}')" = "$DAEMON" ] || refuse 'this is another Docker engine, or it does not answer'
  [ -d "$REPO" ] || refuse "there is no repository $REPO"
  [ "$(run_git rev-parse --show-toplevel)" = "$REPO" ] || refuse "$REPO is not the repository of the plan"
${git === null ? '' : `  run_git cat-file -e '${git.commit}^{commit}' || refuse 'the repository has no commit ${git.commit}'\n`}${lockFiles.map((path) => `  not_held ${quoted(path)}\n`).join('')}}

show_plan() {
${told.map((line) => `  say ${quoted(oneLine(line))}`).join('\n')}
}

show_plan
check_place
if [ "\${1:-}" != --yes ]; then
  printf 'Do it? Type yes: '
  read -r answer || answer=no
  [ "$answer" = yes ] || refuse 'nobody said yes'
fi

trap at_the_end EXIT
BEGUN=yes
mkdir -p "$KEEP/evidence" "$KEEP/data" "$KEEP/git"
rm -f "$KEEP/not-done"

say 'Contain the experiment' && contain_all
say 'Keep what is alive' && evidence_live
say 'Stop the experiment' && stop_all
say 'Keep the last logs' && evidence_last
prove_all_stopped
say 'Safety copy' && safety_copies
say 'Stop what uses the data' && stop_data_users
say 'Return the repository' && return_repository
say 'Put the data back' && restore_all
say 'Start the stable system' && start_all
say 'Ask the stable system' && probe_stable

say 'Done. What was before is kept in:' "$KEEP"
say 'Not done by this script:'
if [ -s "$KEEP/not-done" ]; then sed 's/^/- /' "$KEEP/not-done"; fi
${owed.map((line) => `say ${quoted(`- ${oneLine(line)}`)}`).join('\n')}`;
}

/** One word of the shell, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A line break in a name would end the comment and begin a command. */
function comment(text: string): string {
  return oneLine(text);
}
