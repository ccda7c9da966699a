import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { ActFailure } from '../kernel/failures.ts';
import type { Http, HttpAnswer } from '../kernel/world.ts';

type Question = Parameters<Http['ask']>[0];

/**
 * Asks over a connection of its own, follows no redirects, and never hangs: one deadline covers connecting, head and
 * body, also on a socket that accepts and stays silent (facts). Reading stops at the size cap.
 *
 * @throws ActFailure `no-answer` (refused, reset, deadline; `data.why` is the system's code) or the abort's reason
 */
export function makeHttp(): Http {
  return { ask };
}

async function ask(question: Question): Promise<HttpAnswer> {
  question.signal?.throwIfAborted();
  const startedMs = performance.now();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), question.timeoutMs);
  const onAbort = () => deadline.abort();
  question.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await send(question, deadline.signal);
    const { body, truncated } = await read(answer, question.maxBytes);
    return {
      status: answer.statusCode ?? 0,
      contentType: answer.headers['content-type'] ?? '',
      body,
      truncated,
      elapsedMs: performance.now() - startedMs,
    };
  } catch (error) {
    question.signal?.throwIfAborted();
    throw noAnswer(question, error, deadline.signal.aborted);
  } finally {
    clearTimeout(timer);
    question.signal?.removeEventListener('abort', onAbort);
  }
}

function send(question: Question, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = new URL(question.url).protocol === 'https:' ? secureRequest : plainRequest;
    const body = question.body === undefined ? undefined : Buffer.from(question.body);
    const request = send(
      question.url,
      {
        method: question.method,
        // No compression: the cap counts what is read, and there is nothing to unpack.
        headers: {
          'accept-encoding': 'identity',
          ...question.headers,
          ...(body ? { 'content-length': body.length } : {}),
        },
        agent: false,
        signal,
      },
      resolve,
    );
    // Stays for the whole exchange: an error after the head reaches the reader through the answer.
    request.on('error', reject);
    request.end(body);
  });
}

async function read(
  answer: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly body: string; readonly truncated: boolean }> {
  const parts: Buffer[] = [];
  let left = maxBytes;
  const chunks: AsyncIterable<Buffer> = answer;
  for await (const chunk of chunks) {
    parts.push(chunk.subarray(0, left));
    if (chunk.length > left) return { body: Buffer.concat(parts).toString('utf8'), truncated: true };
    left -= chunk.length;
  }
  return { body: Buffer.concat(parts).toString('utf8'), truncated: false };
}

function noAnswer(question: Question, error: unknown, late: boolean): ActFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const why = late ? 'deadline' : code;
  const said = late
    ? `nothing within ${question.timeoutMs} ms`
    : error instanceof Error
      ? error.message
      : String(error);
  return new ActFailure('no-answer', `${question.method} ${question.url} gave no answer: ${said}`, {
    data: { why, url: question.url },
    cause: error,
  });
}
