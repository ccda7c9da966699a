import { formatDuration } from '../../runbook/duration.ts';
import { diskUse } from '../../vault/disk-use.ts';
import { type CheckpointOnDisk, readCheckpoints } from '../checkpoint-files.ts';
import type { Place } from '../environment.ts';
import type { Output } from '../output.ts';
import type { Style } from '../style.ts';
import { dateTime, formatBytes, plural } from '../text.ts';

/** Every checkpoint with its age, size, commit, images and seal. */
export async function listCheckpoints(place: Place, out: Output): Promise<void> {
  const now = Date.now();
  const all = await Promise.all(
    readCheckpoints(place).map(async (one) => ({ ...one, onDisk: await diskUse([one.dir]) })),
  );
  out.lines(
    all.length === 0
      ? [`No checkpoint of ${place.environment} lies in ${place.stateRoot}.`]
      : all.flatMap((one) => renderRow(one, now, out.style)),
  );
  out.result({
    environment: place.environment,
    checkpoints: all.map(({ id, dir, state, record, onDisk }) => ({
      ...record,
      id,
      dir,
      state,
      ageMs: record === null ? null : now - Date.parse(record.createdAt),
      bytesOnDisk: onDisk.own,
      bytesShared: onDisk.shared,
    })),
    exitCode: 0,
  });
}

type Listed = CheckpointOnDisk & { readonly onDisk: { readonly own: number; readonly shared: number } };

/** Two lines: what it is and how old; what is in it. */
export function renderRow({ id, state, record, onDisk }: Listed, now: number, style: Style): readonly string[] {
  const size = `${formatBytes(onDisk.own)} on disk${onDisk.shared === 0 ? '' : `, ${formatBytes(onDisk.shared)} shared`}`;
  if (record === null) {
    const why = state === 'unsealed' ? 'never sealed: it counts for nothing' : 'its record cannot be read';
    return [`${style.yellow(id)}  ${why}`, `  ${size}`];
  }
  const { createdAt, ref, commit, data, images, by } = record;
  const bytes = data.reduce((sum, root) => sum + root.bytes, 0);
  const age = ageOf(now - Date.parse(createdAt));
  return [
    `${style.bold(id)}  sealed ${dateTime(createdAt)}, ${age} ago, by ${by}`,
    `  ${ref} (${commit.slice(0, 12)})  ${plural(data.length, 'data root')}, ${formatBytes(bytes)} (${size})  ` +
      images.map(({ service, image }) => `${service} on ${image.replace('sha256:', '').slice(0, 12)}`).join(', '),
  ];
}

/** Days, where hours say nothing any more. */
function ageOf(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  return days < 2 ? formatDuration(Math.max(0, ms)) : `${days} days`;
}
