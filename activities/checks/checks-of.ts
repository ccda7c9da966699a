import type { IntegrityCheck } from '../../vault/integrity.ts';
import type { Room } from '../kernel/room.ts';

type DataRoot = Room['target']['data'][number];

/** The declared checks of a root as the vault runs them: one for each pattern. */
export function checksOf(root: DataRoot): readonly IntegrityCheck[] {
  return root.checks.flatMap((check): readonly IntegrityCheck[] => {
    if (check.kind === 'command') return [{ kind: 'command', argv: check.command, timeoutMs: check.timeoutMs }];
    const { kind, files } = check;
    return files.map((glob) => ({ kind, glob }));
  });
}

/** What is no data of a root: what the target leaves out, and what a restore of ours had to keep inside it. */
export function excludedOf(root: Exclude<DataRoot, { readonly kind: 'dump' }>): readonly string[] {
  return [...root.exclude, '/.durable-rollback-*'];
}
