import { join } from 'node:path';
import type { Judgement } from '../contract/records.ts';
import { readIfThere } from '../vault/durable-file.ts';
import { environmentLayout } from '../vault/layout.ts';
import { isRecord } from './board.ts';
import type { Place } from './environment.ts';

/** The judgement as the rollback left it in this host's state folder; undefined where the state lies elsewhere. */
export function readJudgement(place: Place, rollbackId: string): Judgement | undefined {
  const { reportDir } = environmentLayout(place.stateRoot, place.environment).rollback(rollbackId);
  const text = readIfThere(join(reportDir, 'judgement.json'));
  if (text === undefined) return undefined;
  const found: unknown = JSON.parse(text);
  return isJudgement(found) ? found : undefined;
}

function isJudgement(value: unknown): value is Judgement {
  return (
    isRecord(value) && value['format'] === 1 && typeof value['verdict'] === 'string' && Array.isArray(value['items'])
  );
}
