import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { resolveEndpoint } from '../../activities/adapters/endpoint.ts';

/** What becomes of a request to the engine. Only with the first two it does not hear of it. */
export type Fault =
  | { readonly kind: 'refuse' | 'hang' }
  /** Carried out; the connection ends, or stays open, without a byte of the answer. */
  | { readonly kind: 'lose-reply' | 'hold-reply' }
  /** Carried out; of the answer's body this many bytes come, then the connection ends. */
  | { readonly kind: 'cut'; readonly afterBytes: number };

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** A way to the real engine that fails as it is told to. */
export interface SocketProxy {
  /** Value of DOCKER_HOST for whoever shall go this way. */
  readonly url: string;
  /** The next `times` requests that match meet the fault. */
  break(match: RegExp, fault: Fault, times?: number): void;
  mend(): void;
  /** Requests that a fault has met and done its work on, as `METHOD path`. */
  readonly hit: readonly string[];
  close(): Promise<void>;
}

/** Opens a proxy before the engine of this machine's environment. Matches are tried on `METHOD path`. */
export async function socketProxy(): Promise<SocketProxy> {
  const { socketPath: engine } = resolveEndpoint(process.env);
  const folder = mkdtempSync(join(tmpdir(), 'socket-proxy-'));
  const socketPath = join(folder, 'docker.sock');
  const sockets = new Set<Duplex>();
  const hit: string[] = [];
  let rules: { readonly match: RegExp; readonly fault: Fault; left: number }[] = [];
  const faultFor = (asked: string): Fault | undefined => {
    const rule = rules.find(({ match, left }) => left > 0 && match.test(asked));
    if (rule !== undefined) rule.left -= 1;
    return rule?.fault;
  };
  const server = createServer((from, to) => {
    const asked = `${from.method} ${from.url}`;
    const fault = faultFor(asked);
    void serve({ engine, from, to, fault, met: () => hit.push(asked) });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  // Attach and exec leave HTTP: nothing is broken there.
  server.on('upgrade', (from: IncomingMessage, socket: Duplex, head: Buffer) =>
    passRaw(engine, { from, socket, head }),
  );
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    url: `unix://${socketPath}`,
    break(match, fault, times = 1) {
      rules.push({ match, fault, left: times });
    },
    mend() {
      rules = [];
    },
    hit,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Served {
  readonly engine: string;
  readonly from: IncomingMessage;
  readonly to: ServerResponse;
  readonly fault: Fault | undefined;
  /** Called when the fault has done its work: for a lost reply, when the engine has done its own. */
  met(): void;
}

async function serve({ engine, from, to, fault, met }: Served): Promise<void> {
  if (fault?.kind === 'refuse' || fault?.kind === 'hang') {
    met();
    if (fault.kind === 'refuse') from.socket.destroy();
    return;
  }
  const { method, url: path } = from;
  // Passed on whole: the engine answers some questions before their end, and closes.
  const body = await buffer(from);
  const { 'transfer-encoding': _chunked, ...rest } = from.headers;
  const headers = { ...rest, 'content-length': String(body.length) };
  const upstream = request({ socketPath: engine, method, path, headers, agent: false });
  upstream.on('error', () => from.socket.destroy());
  upstream.on('response', (answer) => {
    answer.on('error', () => from.socket.destroy());
    if (fault?.kind === 'lose-reply' || fault?.kind === 'hold-reply') {
      answer.resume().once('end', () => {
        met();
        if (fault.kind === 'lose-reply') from.socket.destroy();
      });
      return;
    }
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    to.flushHeaders();
    if (fault?.kind === 'cut') cut({ answer, to, from, afterBytes: fault.afterBytes, met });
    else answer.pipe(to);
  });
  // Who was kept waiting on purpose and leaves does not take back what the engine was sent.
  if (fault === undefined) to.once('close', () => upstream.destroy());
  upstream.end(body);
}

function cut(how: {
  readonly answer: IncomingMessage;
  readonly to: ServerResponse;
  readonly from: IncomingMessage;
  readonly afterBytes: number;
  met(): void;
}): void {
  const { answer, to, from, afterBytes, met } = how;
  let left = afterBytes;
  const end = (): void => {
    answer.destroy();
    met();
    from.socket.destroy();
  };
  answer.on('data', (bytes: Buffer) => {
    if (left < 0) return;
    const part = bytes.subarray(0, left);
    left -= bytes.length;
    // Sent, and only then the connection ends: destroying it would take the bytes along.
    if (left < 0) to.write(part, end);
    else to.write(part);
  });
  answer.once('end', () => {
    if (left >= 0) end();
  });
}

function passRaw(
  engine: string,
  { from, socket, head }: { readonly from: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
): void {
  const upstream = connect(engine, () => {
    const lines = [`${from.method} ${from.url} HTTP/1.1`];
    for (let n = 0; n < from.rawHeaders.length; n += 2) lines.push(`${from.rawHeaders[n]}: ${from.rawHeaders[n + 1]}`);
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
}
