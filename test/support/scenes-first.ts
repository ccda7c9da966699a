import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Whole scenes first, then the workflows, then the rest: a scene takes minutes and waits for engines and servers; begun
 * last, it would run alone while the other workers have nothing left.
 */
export class ScenesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = (file: TestSpecification): number => {
      const path = relative(this.ctx.config.root, file.moduleId);
      const found = longest.findIndex((folder) => path.startsWith(folder));
      return found === -1 ? longest.length : found;
    };
    return sorted
      .map((file) => ({ file, rank: rank(file) }))
      .sort(byRank)
      .map(({ file }) => file);
  }
}

const longest = ['test/end-to-end/', 'test/lab/', 'test/workflows/', 'test/activities/'];

function byRank(a: { readonly rank: number }, b: { readonly rank: number }): number {
  return a.rank - b.rank;
}
