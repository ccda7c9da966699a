import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** How a receiver behaves: `hang` takes the request and never answers, `drop` takes it and cuts the connection. */
export type Mood = 'take' | 'refuse' | 'hang' | 'drop';

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface HttpReceiver {
  readonly url: string;
  /** Every request that arrived, whatever was answered. */
  readonly received: readonly Received[];
  mood: Mood;
  close(): Promise<void>;
}

/** A real HTTP server on the loopback that keeps what it gets. */
export async function httpReceiver(mood: Mood = 'take'): Promise<HttpReceiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
    answer(receiver.mood, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${port}`,
    received,
    mood,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

function answer(mood: Mood, response: ServerResponse): void {
  if (mood === 'hang') return;
  if (mood === 'drop') return void response.destroy();
  response.writeHead(mood === 'take' ? 202 : 503, { 'content-type': 'text/plain' });
  response.end(mood);
}

export interface MailReceiver {
  readonly port: number;
  /** Whole messages, head and body. */
  readonly mails: readonly string[];
  /** `drop`: keeps the mail and cuts the connection before it says so. */
  mood: Mood;
  close(): Promise<void>;
}

/** A real SMTP server on the loopback. */
export async function mailReceiver(mood: Mood = 'take'): Promise<MailReceiver> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    // Without a name look-up: nothing outside this machine is asked.
    disableReverseLookup: true,
    onData(stream, session, callback) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        mails.push(Buffer.concat(parts).toString('utf8'));
        if (receiver.mood === 'take') callback(null, 'kept');
        else if (receiver.mood === 'refuse') callback(Object.assign(new Error('try later'), { responseCode: 451 }));
        else if (receiver.mood === 'drop') connections.get(session.id)?.();
      });
    },
    onConnect(session, callback) {
      connections.set(session.id, () => {
        for (const connection of server.connections) {
          const { _socket: socket } = connection as unknown as { readonly _socket: { destroy(): void } };
          socket.destroy();
        }
      });
      callback();
    },
  });
  const connections = new Map<string, () => void>();
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => listening.once('listening', resolve));
  const receiver: MailReceiver = {
    port: (listening.address() as AddressInfo).port,
    mails,
    mood,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return receiver;
}
