import { statSync } from 'node:fs';
import type { DoctorFinding, DoctorReport } from '../../contract/observe.ts';
import { freeBytes } from '../../vault/ballast.ts';
import { machineIdentity } from '../../vault/machine-identity.ts';
import { asActFailure } from '../kernel/act.ts';
import { readCheckpoint } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';

type Look = (room: Room) => Promise<Omit<DoctorFinding, 'id' | 'title'>>;

const ok = (detail: string) => ({ status: 'ok' as const, detail, remedy: null });

/** What a rollback needs of this host, each looked at for itself: one that cannot be looked at does not hide the rest. */
const looks: readonly { readonly id: string; readonly title: string; readonly look: Look }[] = [
  {
    id: 'docker',
    title: 'Docker Engine answers',
    look: async ({ world }) => {
      const { version, apiVersion } = await world.docker.info();
      return ok(`${version} (API ${apiVersion}) at ${world.docker.endpoint}`);
    },
  },
  {
    id: 'compose',
    title: 'Compose is there',
    look: async ({ world }) => ok((await world.compose.version()).text),
  },
  {
    id: 'stable-containers',
    title: 'Stable services have containers',
    look: async ({ world, target }) => {
      const services = new Set((await world.docker.list()).filter(ofProject(target.compose.project)).map(serviceOf));
      const missing = target.stable.services.filter((service) => !services.has(service));
      if (missing.length === 0) return ok(`${target.stable.services.length} services`);
      return {
        status: 'weak',
        detail: `no container of ${missing.join(', ')}`,
        remedy: 'a rollback creates it by compose',
      };
    },
  },
  {
    id: 'checkpoint',
    title: 'A checkpoint is recorded',
    look: async (room) => {
      const record = readCheckpoint(room);
      if (record) return ok(`${record.id}, commit ${record.commit.slice(0, 12)}, ${record.data.length} data roots`);
      return {
        status: 'weak',
        detail: 'only the git ref: data cannot be proven, the verdict is at most restored-with-exceptions',
        remedy: 'rollback checkpoint create, while the stable system is known to be good',
      };
    },
  },
  {
    id: 'state-root',
    title: 'State root has room',
    look: async ({ layout }) => {
      const free = freeBytes(layout.root);
      const mib = Math.round(free / 2 ** 20);
      if (free >= 2 ** 30) return ok(`${mib} MiB free at ${layout.root}`);
      return {
        status: 'weak',
        detail: `${mib} MiB free at ${layout.root}`,
        remedy: 'free space: a safety copy may not fit',
      };
    },
  },
  {
    id: 'ballast',
    title: 'Space is kept in reserve',
    look: async ({ layout }) => {
      const size = statSync(layout.ballastFile, { throwIfNoEntry: false })?.size;
      if (size !== undefined) return ok(`${Math.round(size / 2 ** 20)} MiB, given up when the disk is full`);
      return {
        status: 'weak',
        detail: `no ballast at ${layout.ballastFile}: it was given up, or there was no room for it`,
        remedy: 'free space, then rollback down and rollback up: the worker makes it at its start',
      };
    },
  },
  {
    id: 'machine',
    title: 'This machine can be told from others',
    look: async ({ world }) => {
      const { source } = machineIdentity(world.stateRoot);
      if (source === 'machine-id') return ok('by its machine id');
      return {
        status: 'weak',
        detail: 'no machine id; one is kept in the state root',
        remedy: 'systemd-machine-id-setup',
      };
    },
  },
];

export async function examineHost(room: Room): Promise<DoctorReport> {
  const findings: DoctorFinding[] = [];
  for (const { id, title, look } of looks) {
    try {
      findings.push({ id, title, ...(await look(room)) });
    } catch (error) {
      findings.push({
        id,
        title,
        status: 'bad',
        detail: asActFailure(error).message,
        remedy: 'see the message; a rollback needs it',
      });
    }
  }
  return { kind: 'doctor', at: new Date(room.world.now()).toISOString(), findings };
}

function ofProject(project: string) {
  return (container: { readonly labels: Readonly<Record<string, string>> }) =>
    container.labels['com.docker.compose.project'] === project;
}

function serviceOf(container: { readonly labels: Readonly<Record<string, string>> }): string {
  return container.labels['com.docker.compose.service'] ?? '';
}
