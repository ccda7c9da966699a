import { ask } from './ask.ts';
import type { Lab } from './lab.ts';
import { labLabel } from './names.ts';
import { until } from './until.ts';

/** Starts the router in front of both systems: a container of neither, which a rollback knows by its address only. */
export async function startRouter(lab: Lab): Promise<void> {
  const container = await lab.docker.createContainer({
    name: `lab-router-${lab.id}`,
    Image: lab.names.stableImage,
    Cmd: ['node', '/app/router.mjs'],
    Env: ['PORT=9641'],
    Labels: { [labLabel]: lab.id },
    ExposedPorts: { '9641/tcp': {} },
    HostConfig: {
      NetworkMode: lab.names.network,
      PortBindings: { '9641/tcp': [{ HostIp: '127.0.0.1', HostPort: String(lab.ports.router) }] },
    },
  });
  await container.start();
  await until('the router to answer', async () => {
    const { status } = await ask(lab.ports.router, 'GET', '/route');
    return status === 200 ? true : undefined;
  });
}
