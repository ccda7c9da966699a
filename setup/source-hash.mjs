import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a build is made of; workers and client run from it. */
const folders = [
  'runbook',
  'target',
  'contract',
  'workflows',
  'vault',
  'activities',
  'workers',
  'client',
  'lab',
  'bench',
];
const files = ['tsconfig.json', 'package.json', 'package-lock.json'];
const built = /\.(ts|mts|json|ya?ml)$/;

/**
 * A digest of all sources of the build. Content, not times: a checkout that goes back makes files older.
 * @param {string} root
 */
export function sourceHash(root) {
  const hash = createHash('sha256');
  const sources = folders.flatMap((folder) => listFiles(root, folder)).filter((file) => built.test(file));
  for (const file of [...files, ...sources, ...listFiles(root, 'setup').filter((each) => each.endsWith('.mjs'))]) {
    const content = readOrEmpty(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** @param {string} root @param {string} folder @returns {string[]} */
function listFiles(root, folder) {
  return readEntries(join(root, folder))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? listFiles(root, path) : [path];
    });
}

/** @param {string} folder */
function readEntries(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/** @param {string} path */
function readOrEmpty(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
