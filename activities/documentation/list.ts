import { oneLine } from './write-checklist.ts';

/** Items of a list in Markdown, or a sentence when there are none. */
export function list(items: readonly string[], none: string): readonly string[] {
  return items.length === 0 ? [none] : items.map((item) => `- ${oneLine(item)}`);
}
