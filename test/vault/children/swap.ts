import { existsSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';

/**
 * Swaps a folder for a link out of the root and back, as fast as it can, until the file `stop` is there; then the folder
 * stands in its place again. Says `swapping` when it has begun.
 */
const [folder = '', outside = '', stop = ''] = process.argv.slice(2);
const [away, link] = [`${stop}.folder`, `${stop}.link`];
symlinkSync(outside, link);
console.log('swapping');
let swaps = 0;
while (!existsSync(stop)) {
  if (swap(folder, away)) {
    swap(link, folder);
    swap(folder, link);
    swap(away, folder);
    swaps += 1;
    // Something to restore, now and then: written while the folder is here for certain.
    if (swaps % 50 === 0) damage();
  }
}
console.log(swaps);

function damage(): void {
  if (!swap(folder, away)) return;
  writeFileSync(`${away}/7`, `bad ${swaps}`);
  swap(away, folder);
}

/** Somebody else may move them as well: then this turn is left out. */
function swap(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}
