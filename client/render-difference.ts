import type {
  ChangesReport,
  CommitChanges,
  ConfigurationChange,
  ImageChange,
  Looked,
  RootChanges,
} from '../contract/changes.ts';
import type { Style } from './style.ts';
import { dateTime, formatBytes, oneLine, plural, wrap } from './text.ts';

/** What differs from the checkpoint, part by part. */
export function render(report: ChangesReport, style: Style): readonly string[] {
  const { checkpoint, commits, images, configuration, experiment, data } = report;
  return [
    checkpoint.id === null
      ? style.yellow(`No checkpoint is recorded: only the git ref ${checkpoint.ref} can be compared with.`)
      : `Since checkpoint ${checkpoint.id}${checkpoint.createdAt === null ? '' : ` of ${dateTime(checkpoint.createdAt)}`}:`,
    ...part('Commits', commits, style, commitLines),
    ...part('Images of the stable system', images, style, (found) => found.map((one) => imageLine(one, style))),
    ...part('Keys of environment and compose', configuration, style, configurationLines),
    ...part('Experiment', experiment, style, (found) =>
      found.length === 0 ? ['no container'] : found.map(({ name, state }) => `${name}: ${state}`),
    ),
    '',
    style.bold('Data'),
    ...data.flatMap((root) => rootLines(root, style)),
  ];
}

function part<T>(
  title: string,
  looked: Looked<T>,
  style: Style,
  lines: (found: T) => readonly string[],
): readonly string[] {
  const told = 'problem' in looked ? [style.yellow(`? ${oneLine(looked.problem)}`)] : lines(looked.found);
  return ['', style.bold(title), ...told.flatMap((line) => wrap(line, style.width, '  '))];
}

function commitLines(found: CommitChanges): readonly string[] {
  const { head, branch, operation, ahead, behind, list, differing, sample } = found;
  const where = `HEAD is ${head.slice(0, 12)} (${branch ?? 'detached'})`;
  return [
    ahead + behind === 0 ? `${where}: the checkpoint's` : `${where}: ${plural(ahead, 'commit')} more, ${behind} fewer`,
    ...(operation === null ? [] : [`a ${operation} is in progress`]),
    ...list.map(({ commit, at, subject }) => `${commit.slice(0, 12)} ${dateTime(at)} ${oneLine(subject)}`),
    ...(ahead > list.length ? [`… and ${ahead - list.length} more`] : []),
    `${plural(differing, 'file')} outside the data roots differ from the checkpoint${differing === 0 ? '' : ':'}`,
    ...sample.map((line) => `- ${oneLine(line)}`),
  ];
}

function imageLine({ service, recorded, now, what, state }: ImageChange, style: Style): string {
  const short = (image: string | null): string => image?.replace('sha256:', '').slice(0, 12) ?? 'none';
  switch (what) {
    case 'same':
      return `${service} on ${short(now)}, as recorded (${state})`;
    case 'other-image':
      return style.yellow(`${service} on ${short(now)} instead of ${short(recorded)} (${state})`);
    case 'no-container':
      return style.yellow(`${service} has no container`);
    case 'not-recorded':
      return `${service} on ${short(now)}, nothing recorded to compare with (${state})`;
  }
}

function configurationLines(changes: readonly ConfigurationChange[]): readonly string[] {
  if (changes.length === 0) return ['as recorded'];
  return changes.map(({ service, key, what }) => `${service === null ? '' : `${service}: `}${key} ${what}`);
}

function rootLines({ root, changes }: RootChanges, style: Style): readonly string[] {
  if ('problem' in changes) return wrap(style.yellow(`? ${root}: ${oneLine(changes.problem)}`), style.width, '  ');
  const { equal, differing, missing, extra, bytes, changedSince, changedUntil, days } = changes.found;
  const counts = `${equal} equal, ${differing} differing, ${missing} missing, ${extra} extra`;
  const changed = differing + missing + extra;
  const when =
    changedSince === null || changedUntil === null
      ? ''
      : `, ${formatBytes(bytes)}, changed from ${dateTime(changedSince)} to ${dateTime(changedUntil)}`;
  const line = `${root}: ${counts}${changed === 0 ? '' : when}`;
  return [
    ...wrap(changed === 0 ? style.green(line) : line, style.width, '  '),
    ...days.map(({ day, files, bytes: size }) => `    ${day}  ${plural(files, 'path')}, ${formatBytes(size)}`),
  ];
}
