import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Refusal, serve } from './http.mjs';

/**
 * The store of the stable system: documents as JSON files on a volume, with an index beside them. Every answer is read
 * from the files, so that what happens to the volume shows at once.
 */

const root = process.env['STORE_DATA'] ?? '/data';
const documents = join(root, 'documents');
const indexFile = join(root, 'index.json');

await mkdir(documents, { recursive: true });
if (!(await readdir(root)).includes('index.json')) await write(indexFile, { ids: [] });

/** Somebody who asks too much makes the store slow for everybody: each answer waits this long. */
let busyMs = 0;

serve({
  port: Number(process.env['PORT'] ?? 7000),
  routes: {
    'GET /health': health,
    'GET /documents': async () => {
      await wait(busyMs);
      return { documents: await all() };
    },
    'PUT /load': async ({ body }) => {
      busyMs = Number(body.ms);
      return { ms: busyMs };
    },
    'PUT /documents/': put,
    'DELETE /documents/': remove,
  },
});

async function health() {
  const problems = [];
  const found = await all().catch((error) => void problems.push(error.message));
  if (problems.length > 0) throw new Refusal(503, 'the data are not usable', { problems });
  return { status: 'healthy', documents: found.length };
}

async function all() {
  const { ids } = await read(indexFile);
  if (!Array.isArray(ids)) throw new Error(`${indexFile} has no list of ids`);
  return Promise.all(ids.map((id) => read(fileOf(id))));
}

async function put({ body, name }) {
  if (!isName(name)) throw new Refusal(400, 'a document needs a simple name');
  if (typeof body !== 'object' || body === null) throw new Refusal(400, 'a document is an object');
  await write(fileOf(name), { ...body, id: name });
  const { ids } = await read(indexFile);
  if (!ids.includes(name)) await write(indexFile, { ids: [...ids, name].sort() });
  return { id: name };
}

async function remove({ name }) {
  if (!isName(name)) throw new Refusal(400, 'a document needs a simple name');
  const { ids } = await read(indexFile);
  if (!ids.includes(name)) throw new Refusal(404, `no document ${name}`);
  await write(indexFile, { ids: ids.filter((id) => id !== name) });
  await rm(fileOf(name), { force: true });
  return { id: name };
}

function isName(name) {
  return typeof name === 'string' && /^[a-z0-9][a-z0-9-]*$/.test(name);
}

function fileOf(id) {
  return join(documents, `${id}.json`);
}

async function read(path) {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path} is not JSON`);
  }
}

async function write(path, value) {
  const handle = await open(`${path}.new`, 'w');
  try {
    await handle.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
}
