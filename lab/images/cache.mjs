import { Refusal, serve } from './http.mjs';

/** The experiment's cache of answers, in memory. */

const entries = new Map();

serve({
  port: Number(process.env['PORT'] ?? 7001),
  routes: {
    'GET /health': async () => ({ status: 'healthy', entries: entries.size }),
    'GET /entries/': async ({ name }) => {
      if (!entries.has(name)) throw new Refusal(404, 'not cached');
      return entries.get(name);
    },
    'PUT /entries/': async ({ body, name }) => {
      entries.set(name, body);
      return { entries: entries.size };
    },
  },
});
