import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { HttpAnswer } from '../kernel/world.ts';

export interface Expectation {
  readonly status: number | readonly number[];
  /** JSON Schema of the body; without it any body will do. */
  readonly json?: unknown;
}

export interface Validated {
  readonly good: boolean;
  /** Why, for people: what came and what was expected. */
  readonly said: string;
  /** The parsed body, when it was JSON. */
  readonly body: unknown;
  readonly sha256: string;
}

/**
 * Judges one answer: status, content type, whole within the cap, and the shape of its JSON. A wrong answer with status
 * 200 is a wrong answer (facts: the runbook's own `curl` without `-f` ends 0 on a 500).
 */
export function validateAnswer(answer: HttpAnswer, expect: Expectation): Validated {
  const sha256 = createHash('sha256').update(answer.body).digest('hex');
  const bad = (said: string, body: unknown = undefined): Validated => ({ good: false, said, body, sha256 });
  const statuses = [expect.status].flat();
  if (!statuses.includes(answer.status)) return bad(`status ${answer.status} instead of ${statuses.join(' or ')}`);
  if (answer.truncated) return bad('the answer is longer than its limit');
  const status = `status ${answer.status}`;
  if (expect.json === undefined) return { good: true, said: status, body: parsed(answer.body), sha256 };
  if (!/[/+]json\b/.test(answer.contentType)) {
    return bad(`${status}, but content type ${JSON.stringify(answer.contentType)} instead of JSON`);
  }
  const body = parsed(answer.body);
  if (body === undefined) return bad(`${status}, but the body is no JSON`);
  const wrong = differenceFrom(expect.json, body);
  return wrong === null
    ? { good: true, said: `${status}, JSON as expected`, body, sha256 }
    : bad(`${status}, but ${wrong}`, body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function differenceFrom(schema: unknown, body: unknown): string | null {
  const result = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(body);
  if (result.success) return null;
  const [first] = result.error.issues;
  const more = result.error.issues.length - 1;
  const where = first === undefined || first.path.length === 0 ? 'the body' : `/${first.path.join('/')}`;
  return `${where}: ${first?.message ?? 'not as expected'}${more > 0 ? ` (and ${more} more)` : ''}`;
}
