import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { makeCommands } from '../../../activities/adapters/commands.ts';
import { findCompose } from '../../../activities/adapters/compose-command.ts';
import type { TestSystems } from './systems.ts';

/** A stable system that real compose has made: `stable` and `store`, in the room's repository folder. */
export interface ComposeProject {
  /** As the user does: `up -d` in the folder. */
  up(): Promise<void>;
  /** Writes the compose file anew, with these environment variables in service `stable`. */
  write(environment?: Readonly<Record<string, string>>): void;
  idOf(service: string): Promise<string>;
  /** The tag in the compose file, which a test may move. */
  readonly image: string;
}

export async function composeProject({ made, test }: TestSystems): Promise<ComposeProject> {
  const [repo, tag] = [`durable-rollback-test/${made.tag}`, 'good'];
  await made.engine.getImage(made.image).tag({ repo, tag });
  const image = `${repo}:${tag}`;
  made.later(() => made.engine.getImage(image).remove({ force: true }));
  const { argv } = await findCompose({ commands: makeCommands(), env: process.env });
  const services = ['stable', 'store'];
  const all = async () => {
    const listed = await made.engine.listContainers({ all: true });
    return listed.filter(({ Labels }) => Labels['com.docker.compose.project'] === made.tag);
  };
  made.later(async () => {
    for (const { Id } of await all()) await made.engine.getContainer(Id).remove({ force: true, v: true });
    for (const { Id } of await made.engine.listNetworks({ filters: { name: [made.tag] } })) {
      await made.engine.getNetwork(Id).remove();
    }
  });
  const command = [
    'node',
    '-e',
    "process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); console.log('up'); setInterval(() => {}, 1e6)",
  ];
  const project: ComposeProject = {
    image,
    write(environment = {}) {
      const service = { image, command, restart: 'unless-stopped', stop_grace_period: '3s' };
      const content = { version: '3.8', services: { stable: { ...service, environment }, store: service } };
      writeFileSync(join(test.repository, 'docker-compose.yml'), stringify(content));
    },
    async up() {
      await execa(argv[0] ?? '', [...argv.slice(1), '-p', made.tag, 'up', '-d', ...services], { cwd: test.repository });
    },
    async idOf(service) {
      const found = (await all()).filter(({ Labels }) => Labels['com.docker.compose.service'] === service);
      if (found.length !== 1) throw new Error(`${found.length} containers of ${service}`);
      return found[0]?.Id ?? '';
    },
  };
  project.write();
  return project;
}

/** Another image under the project's tag, as somebody's build leaves it. @returns its id */
export async function moveTag({ made }: TestSystems, image: string): Promise<string> {
  const container = await made.make({ started: false, labels: { moved: 'yes' } });
  const [repo = '', tag = ''] = image.split(':');
  const { Id } = (await container.commit({ repo, tag })) as { readonly Id: string };
  made.later(() => made.engine.getImage(Id).remove({ force: true }));
  return Id;
}
