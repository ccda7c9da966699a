import { isInside } from '../path-text.ts';
import type { KeepJob } from './aside-area.ts';
import type { RestoreWork, Todo } from './restore-work.ts';

/**
 * Keeps everything the restore will replace, before it replaces anything: files by a second link, so that their name is
 * never absent; extra files and what stands in the way of another type by a rename. Durable when it returns.
 */
export async function keepAside(work: RestoreWork): Promise<void> {
  let moved: Buffer | undefined;
  let entries = 0;
  for await (const todo of work.todos()) {
    const { path, b } = todo.difference;
    if (b === undefined) continue;
    entries += 1;
    if (entries % 256 === 0) work.request.onProgress?.({ phase: 'aside', entries, bytes: 0 });
    if (moved !== undefined && isInside(moved, path)) {
      work.aside.note(path, b.size);
      continue;
    }
    const job = jobFor(work, todo);
    if (job === undefined) continue;
    work.request.beforeEffect();
    work.aside.keep(job);
    if (job.how === 'move') work.touched.add(folderKey(path));
    moved = job.how === 'move' && b.type === 'dir' ? path : undefined;
  }
  work.request.beforeEffect();
  work.aside.sync();
}

/** Key of the folder that holds a path, for the set of folders to sync. */
export function folderKey(path: Buffer): string {
  return path.subarray(0, Math.max(path.lastIndexOf(0x2f), 0)).toString('latin1');
}

function jobFor(work: RestoreWork, todo: Todo): KeepJob | undefined {
  const { path, kind, b } = todo.difference;
  const bytes = b?.size ?? 0;
  switch (todo.action) {
    case 'leave':
      return undefined;
    case 'move-away':
      return { path, bytes, how: 'move', why: 'not in the checkpoint' };
    case 'make-folder':
      return { path, bytes, how: 'move', why: 'a folder in the checkpoint' };
    case 'put':
    case 'relink':
      if (kind === 'type') return { path, bytes, how: 'move', why: 'of another type in the checkpoint' };
      return {
        path,
        bytes,
        how: 'link',
        why: kind === 'content' ? 'other content in the checkpoint' : 'other metadata in the checkpoint',
      };
    case 'set-metadata':
      return work.isStaged(todo) ? { path, bytes, how: 'link', why: 'other metadata in the checkpoint' } : undefined;
  }
}
