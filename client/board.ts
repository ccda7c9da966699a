import type { Board } from '../contract/board.ts';
import { boardKey } from '../contract/board.ts';

/** The board of a workflow's memo; undefined before the workflow wrote it, or when it is not of a form we know. */
export function boardOf(memo: Readonly<Record<string, unknown>> | undefined): Board | undefined {
  const found = memo?.[boardKey];
  return isBoard(found) ? found : undefined;
}

const texts = [
  'rollbackId',
  'environment',
  'scenario',
  'mode',
  'reason',
  'startedAt',
  'clockFrom',
  'targetAt',
  'maximumAt',
  'phase',
];
const lists = ['children', 'discards', 'notices', 'answers', 'verdictReasons'];

/** What every reader relies on; a later version may carry more. */
function isBoard(value: unknown): value is Board {
  if (!isRecord(value) || !isRecord(value['by'])) return false;
  return texts.every((key) => typeof value[key] === 'string') && lists.every((key) => Array.isArray(value[key]));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
