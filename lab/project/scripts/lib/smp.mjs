import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the scripts of this project share: where the system answers, and how to ask it. */

export const project = join(import.meta.dirname, '..', '..');

export function baseUrl() {
  return process.env['LIGHTRAG_URL'] ?? `http://127.0.0.1:${portFromEnvFile() ?? 9621}`;
}

/** `.env` is what compose reads, too. */
function portFromEnvFile() {
  try {
    return /^LIGHTRAG_PORT=(\d+)$/m.exec(readFileSync(join(project, '.env'), 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** @returns status (0 when there was no answer), JSON body and the time it took */
export async function ask(method, path, body) {
  const started = performance.now();
  try {
    const response = await fetch(`${baseUrl()}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    });
    const answer = await response.json();
    return { status: response.status, body: answer, ms: performance.now() - started };
  } catch (error) {
    return { status: 0, body: { error: String(error) }, ms: performance.now() - started };
  }
}

/** An answer is good when it has words, and sources to show for them. */
export function isGoodAnswer({ status, body }) {
  return status === 200 && typeof body.answer === 'string' && Array.isArray(body.sources) && body.sources.length > 0;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export function argument(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}
