import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ExportedPlans } from '../../contract/observe.ts';
import type { CheckpointRecord } from '../../contract/records.ts';
import type { Target } from '../../target/schema.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { lockKey, lockPlaces } from '../../vault/lock.ts';
import { sumsDigest } from '../../vault/sums-digest.ts';
import { readCheckpoints } from '../checkpoint-files.ts';
import type { Place } from '../environment.ts';
import type { ScriptFacts } from './script.ts';

type DataRoot = Target['data'][number];

/**
 * What the script needs, from the plans and the checkpoint of this host. What a plan has and a script cannot do is named.
 * @param from where the plans are from, in words
 */
export async function scriptFacts(
  place: Place,
  order: {
    readonly target: Target;
    readonly plans: ExportedPlans;
    readonly from: string;
    readonly suspectData: boolean;
  },
): Promise<ScriptFacts> {
  const { target, plans, from, suspectData } = order;
  const { containment, recovery } = plans;
  const checkpoint = checkpointOf(place, recovery.checkpoint.id);
  const run = `script-${createHash('sha256').update(JSON.stringify(plans)).digest('hex').slice(0, 12)}`;
  const restore: ScriptFacts['restore'][number][] = [];
  const notDone: string[] = [];
  for (const { root, action, source, reasons } of recovery.roots) {
    const found = target.data.find(({ name }) => name === root);
    if (action === 'leave' || found === undefined) continue;
    const path = plans.paths.find((one) => one.root === root)?.path ?? (found.kind === 'path' ? found.path : null);
    const data = checkpoint?.data.find((one) => one.root === root);
    if (action === 'ask') notDone.push(`${root} was left as it is: a person has to decide (${reasons.join('; ')})`);
    else if (source !== 'checkpoint' || path === null || data === undefined || checkpoint === undefined) {
      notDone.push(`${root} was not put back: its source is ${source ?? 'unknown'}, which a script does not do`);
    } else {
      const manifest = join(checkpoint.dir, data.manifest);
      const copy = join(checkpoint.dir, data.copy);
      const { files, bytes } = data;
      restore.push({ root, path, copy, digest: await sumsDigest(manifest), files, bytes });
    }
  }
  if (plans.refusals.length > 0) notDone.push(`the repository was left as it is: ${plans.refusals.join('; ')}`);
  for (const { service, reason } of recovery.recreate) {
    notDone.push(`${service} has to be made anew by compose on the checkpoint's image: ${reason}`);
  }
  const returnTo = plans.refusals.length > 0 ? null : recovery.git.returnTo;
  const changed = new Set(recovery.recreate.map(({ service }) => service));
  const key = lockKey({
    daemonId: containment.daemonId,
    composeProject: target.compose.project,
    repository: target.repository.path,
  });
  return {
    environment: target.environment,
    run,
    madeAt: new Date().toISOString(),
    from,
    daemonId: containment.daemonId,
    repository: target.repository.path,
    lockFiles: lockPlaces.map((folder) => join(folder, `${key}.json`)),
    keepIn: join(environmentLayout(place.stateRoot, place.environment).root, 'by-hand', run),
    suspectData,
    experiment: containment.experiment.map(({ id, name }) => ({ id, name })),
    stable: containment.stable
      .filter(({ service }) => service === null || !changed.has(service))
      .map(({ id, name, service }) => ({ id, name, image: imageOf(checkpoint, service) })),
    stopForData: restore.length === 0 ? [] : recovery.stopForData,
    git: returnTo === null ? null : { commit: returnTo, leaveOut: insideRepository(target) },
    restore,
    probe: probeOf(target, notDone),
    notDone,
  };
}

function checkpointOf(place: Place, id: string | null): (CheckpointRecord & { readonly dir: string }) | undefined {
  const found = readCheckpoints(place).find((one) => one.id === id);
  return found?.state === 'sealed' ? { ...found.record, dir: found.dir } : undefined;
}

function imageOf(checkpoint: CheckpointRecord | undefined, service: string | null): string | null {
  return checkpoint?.images.find((held) => held.service === service)?.image ?? null;
}

function insideRepository({ data, repository }: Target): readonly string[] {
  return data
    .flatMap((root: DataRoot) => (root.kind === 'path' ? [relative(repository.path, root.path)] : []))
    .filter((path) => path !== '' && !path.startsWith('..'));
}

function probeOf({ health }: Target, notDone: string[]): ScriptFacts['probe'] {
  const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
  if (health.method !== 'GET' || Object.keys(health.headers).length > 0) {
    notDone.push('the stable system was not asked whether it is healthy: its probe needs more than an address');
    return null;
  }
  notDone.push('of the health only the status was looked at, not what the answer says');
  const { url, timeoutMs, deadlineMs, soak } = health;
  return { url, timeoutS: seconds(timeoutMs), deadlineS: seconds(deadlineMs), answers: soak.answers };
}

/** A plan that an earlier rollback left in the state folder. */
export function plansOnDisk(planDir: string): ExportedPlans {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(planDir, `${name}.json`), 'utf8'));
  const findings = read('findings') as {
    readonly roots: ExportedPlans['paths'];
    readonly git: { readonly refusals: readonly string[] };
  };
  return {
    kind: 'export',
    containment: read('containment') as ExportedPlans['containment'],
    recovery: read('recovery') as ExportedPlans['recovery'],
    paths: findings.roots.map(({ root, path }) => ({ root, path })),
    refusals: findings.git.refusals,
  };
}
