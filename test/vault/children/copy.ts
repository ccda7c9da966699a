import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { copyTree } from '../../../vault/copy-tree.ts';
import { errorCode } from '../../../vault/errors.ts';

/** Copies a tree and prints how it went and what lies beside the destination afterwards. */
const [source = '', destination = '', manifest = ''] = process.argv.slice(2);
let outcome = 'done';
try {
  await copyTree(source, destination, { manifest, beforeEffect: () => undefined });
} catch (error) {
  outcome = errorCode(error) ?? String(error);
}
console.log(JSON.stringify({ outcome, left: readdirSync(dirname(destination)) }));
