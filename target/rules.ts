import type { Fault } from './faults.ts';
import { partialFaults } from './partial-rules.ts';
import type { TargetFile } from './schema.ts';

/** What no single value shows: references that lead nowhere, and names that mean two things. Pure. */
export function faultsAcross(file: TargetFile): readonly Fault[] {
  return [
    ...stackFaults(file),
    ...experimentFaults(file),
    ...nameFaults(file),
    ...skillFaults(file),
    ...channelFaults(file),
    ...partialFaults(file),
  ];
}

function stackFaults({ stable, experiment }: TargetFile): readonly Fault[] {
  const faults: Fault[] = [];
  if (!stable.services.includes(stable.primary)) {
    faults.push({
      path: 'stable.primary',
      expectation: `one of the stable services (${stable.services.join(', ')})`,
      value: stable.primary,
    });
  }
  experiment.services.forEach((service, n) => {
    if (!stable.services.includes(service)) return;
    faults.push({
      path: `experiment.services.${n}`,
      expectation: 'a service that is not one of the stable system: it would be stopped',
      value: service,
    });
  });
  return faults;
}

/** An experiment that names nothing would be taken out by doing nothing; files and services belong together. */
function experimentFaults({ experiment }: TargetFile): readonly Fault[] {
  const { composeFiles, services, containers } = experiment;
  if (services.length === 0 && containers.length === 0) {
    return [
      {
        path: 'experiment',
        expectation: 'at least one service or container that is to be taken out',
        value: experiment,
      },
    ];
  }
  if (services.length === 0 && composeFiles.length > 0) {
    return [{ path: 'experiment.services', expectation: 'the services of its compose files', value: services }];
  }
  if (services.length > 0 && composeFiles.length === 0) {
    return [{ path: 'experiment.composeFiles', expectation: 'the files of its services', value: composeFiles }];
  }
  return [];
}

function nameFaults({ data, checks, notices }: TargetFile): readonly Fault[] {
  return [
    ...repeated(data, ({ name }) => name, { path: 'data', key: 'name', what: 'data root' }),
    ...repeated(checks, ({ id }) => id, { path: 'checks', key: 'id', what: 'check' }),
    ...repeated(notices.channels, ({ name }) => name, { path: 'notices.channels', key: 'name', what: 'channel' }),
  ];
}

function repeated<T>(
  list: readonly T[],
  nameOf: (item: T) => string,
  at: { readonly path: string; readonly key: string; readonly what: string },
): readonly Fault[] {
  return list.flatMap((item, n) => {
    const name = nameOf(item);
    if (list.findIndex((other) => nameOf(other) === name) === n) return [];
    return [{ path: `${at.path}.${n}.${at.key}`, expectation: `a name that no other ${at.what} has`, value: name }];
  });
}

function skillFaults({ skills, checks }: TargetFile): readonly Fault[] {
  if (skills === undefined || checks.some(({ id }) => id === skills.check)) return [];
  const known = checks.map(({ id }) => id).join(', ');
  return [
    { path: 'skills.check', expectation: `the id of a check (${known || 'there is none'})`, value: skills.check },
  ];
}

/** A channel that is not there would be found out when somebody has to be called. */
function channelFaults({ notices, contacts }: TargetFile): readonly Fault[] {
  const known = notices.channels.map(({ name }) => name);
  const unknown = (names: readonly string[], path: string): readonly Fault[] =>
    names.flatMap((value, n) =>
      known.includes(value)
        ? []
        : [
            {
              path: `${path}.${n}`,
              expectation: `a channel of notices.channels (${known.join(', ') || 'there is none'})`,
              value,
            },
          ],
    );
  return [
    ...unknown(notices.stakeholders, 'notices.stakeholders'),
    ...contacts.flatMap(({ notify }, n) => unknown(notify, `contacts.${n}.notify`)),
  ];
}
