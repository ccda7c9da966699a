import { type Document, isNode, type LineCounter, visit } from 'yaml';
import type { Fault } from './faults.ts';

/**
 * YAML's aliases that lead nowhere, or back into themselves. Most were never meant as one: a pattern such as `*.json`
 * that somebody wrote without quotes.
 */
export function aliasFaults(document: Document, lines: LineCounter): readonly Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Alias(_key, alias, around) {
      const target = alias.resolve(document);
      if (target !== undefined && !around.some((each) => isNode(each) && each === target)) return;
      faults.push({
        path: '',
        expectation:
          target === undefined
            ? 'quotes around a text that begins with "*": without them it is an alias, and nothing has that name'
            : 'an alias of something else than what it stands in',
        value: `*${alias.source}`,
        line: alias.range ? lines.linePos(alias.range[0]).line : undefined,
      });
    },
  });
  return faults;
}
