import { serve } from './http.mjs';

/**
 * A bad build under the good tag: it starts, says that it is healthy and answers everything with status 200, but with
 * JSON of another shape. Who looks at the status only takes it for the stable system.
 */

serve({
  port: Number(process.env['PORT'] ?? 9621),
  routes: {
    'GET /health': async () => ({ status: 'healthy', system: 'smp' }),
    'POST /api/chat': async () => ({ message: 'ok' }),
    'POST /api/skills/list': async () => ({ skills: [] }),
    'POST /documents/text': async () => ({ message: 'ok' }),
  },
});
