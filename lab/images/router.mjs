import { Refusal, serve } from './http.mjs';

/**
 * Where users ask. It sends them to the stable system, or by turns to both, and can be told over HTTP which it is; a
 * proxy of somebody else's, of which the lab's two systems know nothing.
 */

const upstreams = ['http://lightrag:9621', 'http://lightrag-openviking:9631'];
let to = 'both';
let turn = 0;

serve({
  port: Number(process.env['PORT'] ?? 9641),
  routes: {
    'GET /route': async () => ({ to }),
    'POST /route': async ({ body }) => {
      if (body.to !== 'both' && body.to !== 'stable') throw new Refusal(400, 'to is "both" or "stable"');
      to = body.to;
      return { to };
    },
    'GET /health': () => forward('GET', '/health'),
    'POST /api/chat': ({ body }) => forward('POST', '/api/chat', body),
  },
});

async function forward(method, path, body) {
  const upstream = to === 'both' ? upstreams[turn++ % upstreams.length] : upstreams[0];
  const response = await fetch(`${upstream}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(3000),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refusal(response.status, 'the system behind it refused', answer);
  return answer;
}
