import { restoreTree } from '../../../vault/restore-tree.ts';

/** Restores `target` from `copy` as `manifest` says: a process to be killed. */
const [copy = '', manifest = '', target = ''] = process.argv.slice(2);
const { kind } = await restoreTree({
  copy,
  manifest,
  target,
  rollbackId: 'r1',
  mode: 'whole',
  beforeEffect: () => undefined,
});
console.log(kind);
