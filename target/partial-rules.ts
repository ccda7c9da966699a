import type { Fault } from './faults.ts';
import type { TargetFile } from './schema.ts';

/** What the partial rollbacks name must be there, and must be theirs to touch. Pure. */
export function partialFaults(file: TargetFile): readonly Fault[] {
  const { integration, migration, performance } = file.partial;
  const roots = file.data.map(({ name }) => name);
  return [
    ...switchFaults(file, integration?.switches ?? [], 'partial.integration.switches'),
    ...(migration?.roots ?? []).flatMap((root, n) =>
      roots.includes(root)
        ? []
        : [
            {
              path: `partial.migration.roots.${n}`,
              expectation: `the name of a data root (${roots.join(', ')})`,
              value: root,
            },
          ],
    ),
    ...(performance === undefined ? [] : performanceFaults(file, performance)),
  ];
}

function performanceFaults(file: TargetFile, performance: Performance): readonly Fault[] {
  const { limits, limiter } = performance;
  const nothing = limits.cpus === undefined && limits.memory === undefined && limiter.length === 0;
  return [
    ...(nothing
      ? [
          {
            path: 'partial.performance',
            expectation: 'a limit or a limiter: nothing would be done',
            value: performance,
          },
        ]
      : []),
    ...switchFaults(file, limiter, 'partial.performance.limiter'),
  ];
}

type Performance = NonNullable<TargetFile['partial']['performance']>;
type Switches = Performance['limiter'];

function switchFaults(file: TargetFile, switches: Switches, path: string): readonly Fault[] {
  const { experiment } = file;
  return switches.flatMap((each, n): readonly Fault[] => {
    const faults: Fault[] = [];
    if (switches.findIndex(({ name }) => name === each.name) !== n) {
      faults.push({ path: `${path}.${n}.name`, expectation: 'a name that no other switch has', value: each.name });
    }
    // A stable service is started and stopped by the rules for what must serve, never by a switch.
    if (each.kind === 'service' && ![...experiment.services, ...experiment.containers].includes(each.service)) {
      faults.push({ path: `${path}.${n}.service`, expectation: 'a service of the experiment', value: each.service });
    }
    if (each.kind === 'file' && each.format !== 'env' && !each.key.startsWith('/')) {
      faults.push({ path: `${path}.${n}.key`, expectation: 'a pointer such as /routes/default', value: each.key });
    }
    return faults;
  });
}
