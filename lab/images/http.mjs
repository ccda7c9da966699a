import { createServer } from 'node:http';

/** One small HTTP server for every service of the lab: JSON in and out, one log line per request, a prompt stop. */

const bodyLimit = 1024 * 1024;

/** Thrown by a route to answer with another status than 200. */
export class Refusal extends Error {
  constructor(status, message, details = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/**
 * @param routes by `METHOD /path`; a route whose path ends in `/` also takes one further path segment as `name`
 */
export function serve({ port, routes }) {
  const server = createServer(async (request, response) => {
    const started = performance.now();
    const { status, body } = await answer(request, routes);
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(`${JSON.stringify(body)}\n`);
    const level = status >= 500 ? 'ERROR' : status >= 400 ? 'WARN' : 'INFO';
    const detail = status >= 400 ? ` ${JSON.stringify(body)}` : '';
    log(level, `${request.method} ${request.url} ${status} ${(performance.now() - started).toFixed(1)}ms${detail}`);
  });
  server.listen(port, () => log('INFO', `listening on ${port}`));
  stopPromptly(server);
}

export function log(level, text) {
  process.stdout.write(`${new Date().toISOString()} ${level} ${text}\n`);
}

/** As process 1 nothing stops us but our own handler. */
export function stopPromptly(server) {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      log('INFO', `${signal}: shutting down`);
      server?.closeAllConnections();
      server?.close();
      process.exit(0);
    });
  }
}

async function answer(request, routes) {
  const path = new URL(request.url ?? '/', 'http://lab').pathname;
  const found = findRoute(routes, request.method ?? 'GET', path);
  if (found === undefined) return { status: 404, body: { error: `nothing at ${path}` } };
  try {
    const needsBody = request.method === 'POST' || request.method === 'PUT';
    const body = needsBody ? await readJson(request) : undefined;
    return { status: 200, body: await found.route({ body, name: found.name }) };
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: { error: error.message, ...error.details } };
    return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function findRoute(routes, method, path) {
  const exact = routes[`${method} ${path}`];
  if (exact !== undefined) return { route: exact, name: undefined };
  const cut = path.lastIndexOf('/') + 1;
  const route = routes[`${method} ${path.slice(0, cut)}`];
  return route === undefined ? undefined : { route, name: decodeURIComponent(path.slice(cut)) };
}

/** An absent body is an empty object: the runbook asks for the list of skills without one. */
async function readJson(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > bodyLimit) throw new Refusal(413, 'the body is too large');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}
