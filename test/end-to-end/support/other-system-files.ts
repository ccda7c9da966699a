import { stringify } from 'yaml';

/** A book-keeping system: nothing in it has a name, a port or a folder of the runbook's. */
export interface BookKeeping {
  readonly id: string;
  readonly project: string;
  readonly image: string;
  readonly trialImage: string;
  /** Container that somebody started by hand. */
  readonly desk: string;
  readonly repository: string;
  readonly records: string;
  /** Data root outside the repository. */
  readonly letters: string;
  readonly volume: string;
  readonly port: number;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly labels: Readonly<Record<string, string>>;
}

export const release = 'release-7';
export const stableFile = 'deploy/compose.yaml';
export const trialFile = 'deploy/compose.trial.yaml';

/** What is committed at the checkpoint, by path in the repository. */
export function releaseFiles(system: BookKeeping): Readonly<Record<string, string>> {
  return {
    '.gitignore': 'var/records/open/\n*.local\n',
    'notes.md': '# Book-keeping\n\nThe office opens at nine.\n',
    'service/http.mjs': http,
    'service/web.mjs': web,
    'service/db.mjs': db,
    'tools/count.mjs': count,
    [stableFile]: stableCompose(system),
    'var/records/alice.json': account('alice', 100),
    'var/records/bob.json': account('bob', 20),
    'var/records/alice.json.bak': account('alice', 7),
  };
}

export function account(name: string, opening: number): string {
  return `${JSON.stringify({ name, opening }, null, 2)}\n`;
}

/** The paths in it start at `deploy/`, where the file lies. */
function stableCompose({ image, owner, port, labels }: BookKeeping): string {
  const common = {
    image,
    user: `${owner.uid}:${owner.gid}`,
    networks: ['office'],
    restart: 'unless-stopped',
    stop_grace_period: '3s',
    labels,
  };
  return compose({
    services: {
      web: {
        ...common,
        command: ['node', '/srv/service/web.mjs'],
        ports: [`127.0.0.1:${port}:8080`],
        volumes: ['../service:/srv/service:ro', '../var/records:/records', '../../letters:/letters'],
        depends_on: ['db'],
      },
      db: {
        ...common,
        command: ['node', '/srv/service/db.mjs'],
        volumes: ['../service:/srv/service:ro', 'ledger:/data'],
      },
    },
    networks: { office: { labels } },
    volumes: { ledger: { labels } },
  });
}

export function trialCompose({ trialImage, owner, labels }: BookKeeping): string {
  return compose({
    services: {
      search: {
        image: trialImage,
        user: `${owner.uid}:${owner.gid}`,
        command: ['node', '-e', trialProgram],
        networks: ['office'],
        restart: 'always',
        stop_grace_period: '3s',
        labels,
      },
    },
    networks: { office: { labels } },
  });
}

function compose(content: Readonly<Record<string, unknown>>): string {
  return stringify({ version: '3.8', ...content }, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** What service and by-hand container of the trial do: they talk, and end when told to. */
export const trialProgram =
  "process.on('SIGTERM', () => { console.log('trial ends'); process.exit(0); }); " +
  "console.log('trial begins'); setInterval(() => console.log('trial goes on'), 1000);";

/** @param byHandOnly the trial has no compose file: somebody started a container, and that is all */
export function otherTarget(system: BookKeeping, { byHandOnly }: { readonly byHandOnly: boolean }): string {
  const { id, project, repository, letters, volume, desk, port } = system;
  const url = `http://127.0.0.1:${port}`;
  const ready = { type: 'object', required: ['ready'], properties: { ready: { const: true } } };
  return stringify({
    version: 1,
    environment: `lab-${id}`,
    runbook: { document: 'how-we-go-back.md', version: '3' },
    repository: { path: repository, checkpoint: release },
    compose: { project },
    stable: { composeFiles: [stableFile], services: ['web', 'db'], primary: 'web' },
    experiment: {
      ...(byHandOnly ? {} : { composeFiles: [trialFile], services: ['search'] }),
      containers: [desk],
    },
    data: [
      {
        name: 'records',
        kind: 'path',
        path: 'var/records',
        backups: ['*.bak'],
        checks: [
          { kind: 'json', files: ['**/*.json'] },
          { kind: 'nonempty', files: ['*.json'] },
        ],
      },
      {
        name: 'letters',
        kind: 'path',
        path: letters,
        backups: ['*.bak'],
        checks: [{ kind: 'nonempty', files: ['*'] }],
      },
      { name: 'ledger', kind: 'volume', volume, checks: [{ kind: 'json', files: ['*.json'] }] },
    ],
    health: {
      url: `${url}/ready`,
      expect: { status: 200, json: ready },
      timeout: '3s',
      soak: { answers: 3, over: '2s' },
      deadline: '40s',
    },
    checks: [
      {
        id: 'balance',
        title: 'The balance of an account is right',
        url: `${url}/balance/alice`,
        expect: {
          json: {
            type: 'object',
            required: ['name', 'balance', 'letters'],
            properties: { name: { const: 'alice' }, balance: { const: 142 }, letters: { const: 2 } },
          },
        },
        proves: ['basic-queries'],
      },
    ],
    scripts: { performanceTest: { command: [process.execPath, 'tools/count.mjs'], timeout: '20s' } },
    contacts: [{ level: 1, name: 'Book-keeper on duty', reach: ['nobody is really called'] }],
  });
}

const http = `import { createServer } from 'node:http';

export function serve(port, routes) {
  const server = createServer(async (request, response) => {
    let status = 200;
    let body;
    try {
      body = await routes(request);
      if (body === undefined) [status, body] = [404, { error: 'nothing here' }];
    } catch (error) {
      [status, body] = [503, { error: error.message }];
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(port);
  process.on('SIGTERM', () => process.exit(0));
}
`;

const web = `import { readdir, readFile } from 'node:fs/promises';
import { serve } from './http.mjs';

serve(8080, async ({ url }) => {
  if (url === '/ready') return { ready: true, accounts: (await accounts()).length, entries: (await entries()).length };
  const name = /^\\/balance\\/([a-z]+)$/.exec(url)?.[1];
  const account = (await accounts()).find((each) => each.name === name);
  if (account === undefined) return undefined;
  const own = (await entries()).filter((entry) => entry.name === name);
  const letters = (await readdir('/letters')).filter((file) => file.startsWith(name));
  return { name, balance: own.reduce((sum, { amount }) => sum + amount, account.opening), letters: letters.length };
});

async function accounts() {
  const names = (await readdir('/records')).filter((name) => name.endsWith('.json'));
  return Promise.all(names.map(async (name) => JSON.parse(await readFile('/records/' + name, 'utf8'))));
}

async function entries() {
  const response = await fetch('http://db:5000/', { signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error('the ledger cannot be read');
  return response.json();
}
`;

const db = `import { readFile, rename, writeFile } from 'node:fs/promises';
import { serve } from './http.mjs';

const file = '/data/ledger.json';
await readFile(file).catch(async () => {
  await writeFile(file + '.new', JSON.stringify([{ name: 'alice', amount: 42 }, { name: 'bob', amount: 1 }]));
  await rename(file + '.new', file);
});
serve(5000, async () => JSON.parse(await readFile(file, 'utf8')));
`;

const count = `import { readdirSync } from 'node:fs';

const { length } = readdirSync('var/records');
console.log(length + ' records, counted by account ' + process.getuid());
process.exit(length > 0 ? 0 : 1);
`;
