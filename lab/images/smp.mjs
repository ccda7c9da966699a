import { Refusal, serve } from './http.mjs';
import { answerTo, examine, readSkills, writeDocument } from './knowledge.mjs';

/** The stable system of the runbook: SMP behind LightRAG's contract. */

serve({
  port: Number(process.env['PORT'] ?? 9621),
  routes: {
    'GET /health': health,
    'POST /api/chat': chat,
    'POST /api/skills/list': async () => ({
      skills: (await readSkills()).map(({ name, version, description }) => ({ name, version, description })),
    }),
    'POST /documents/text': addDocument,
  },
});

async function health() {
  const { problems, ...counts } = await examine();
  if (problems.length > 0) throw new Refusal(503, 'the data are not usable', { status: 'unhealthy', problems });
  return { status: 'healthy', system: 'smp', ...counts };
}

async function chat({ body }) {
  if (typeof body.query !== 'string' || body.query === '') throw new Refusal(400, 'a chat needs a query');
  return answerTo(body.query);
}

async function addDocument({ body }) {
  const { id, title, text, keywords } = body;
  const whole = typeof id === 'string' && typeof text === 'string' && Array.isArray(keywords);
  if (!whole) throw new Refusal(400, 'a document needs id, text and keywords');
  const stored = await writeDocument(id, { title, text, keywords });
  if (stored.status !== 200) throw new Refusal(stored.status, stored.body.error);
  return stored.body;
}
