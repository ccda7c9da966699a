import { request } from 'node:http';
import type { Document } from './content.ts';

/** What a server of the lab said; status 0 when it said nothing. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Asks a lab's server on loopback. Never throws for what the server does: tests look at the reply.
 * With node:http, since Node 20's fetch hangs when a published port takes the connection and closes it unanswered, as
 * docker's proxy does while the container starts.
 */
export function ask(port: number, method: 'GET' | 'POST', path: string, body?: unknown): Promise<Reply> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ status: 0, body: error.message });
    const options = {
      host: '127.0.0.1',
      port,
      method,
      path,
      agent: false,
      headers: { 'content-type': 'application/json' },
    };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) }),
      );
    });
    sent.on('error', failed);
    sent.setTimeout(5000, () => sent.destroy(new Error('no answer within 5 s')));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export function chat(port: number, query: string): Promise<Reply> {
  return ask(port, 'POST', '/api/chat', { query, stream: false });
}

/** @throws Error when the system refuses the document */
export async function addDocument(port: number, document: Document): Promise<void> {
  const { status, body } = await ask(port, 'POST', '/documents/text', document);
  if (status !== 200) throw new Error(`The lab's store refused ${document.id}: ${status} ${JSON.stringify(body)}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
