/** What the judgement needs of a target; paths absolute. */
export interface SystemRules {
  readonly project: string;
  /** Where relative paths of compose files start when a container names no folder. */
  readonly repository: string;
  readonly stable: { readonly services: readonly string[]; readonly composeFiles: readonly string[] };
  readonly experiment: {
    readonly services: readonly string[];
    readonly composeFiles: readonly string[];
    /** Plain names of containers that stand in no compose file. */
    readonly containers: readonly string[];
  };
}

export interface Labelled {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Classified {
  /** `foreign` is never touched. */
  readonly system: 'experiment' | 'stable' | 'foreign';
  /** Compose service, or null for a container that stands in no compose file. */
  readonly service: string | null;
  /** Why it belongs there, in words. */
  readonly why: string;
}

/**
 * To which system a container belongs (runbook 1.1). Both stacks share one compose project (facts), so the service
 * decides, then the compose file it was started from, then the plain names of the target. The stable system wins every
 * contradiction: what serves is not stopped on a doubt. Pure.
 */
export function classifyContainer(container: Labelled, rules: SystemRules): Classified {
  const { name, labels } = container;
  const service = labels['com.docker.compose.service'] ?? null;
  const ours = labels['com.docker.compose.project'] === rules.project;
  const oneOff = labels['com.docker.compose.oneoff']?.toLowerCase() === 'true';
  if (ours && service !== null && rules.stable.services.includes(service) && !oneOff) {
    return { system: 'stable', service, why: `Service ${service} of the stable system.` };
  }
  if (rules.experiment.containers.includes(name)) {
    return { system: 'experiment', service, why: `The target names the container ${name} as the experiment's.` };
  }
  if (!ours || service === null) {
    return { system: 'foreign', service, why: `It belongs to no service of project ${rules.project}.` };
  }
  if (rules.experiment.services.includes(service)) {
    return { system: 'experiment', service, why: `Service ${service} of the experiment.` };
  }
  if (rules.stable.services.includes(service)) {
    return { system: 'foreign', service, why: `A one-off run of the stable service ${service}: it serves nobody.` };
  }
  return byComposeFile(service, labels, rules);
}

/** A service that no list names belongs to the experiment only when the experiment's files alone can have declared it. */
function byComposeFile(service: string, labels: Labelled['labels'], rules: SystemRules): Classified {
  const files = composeFilesOf(labels, rules.repository);
  const file = files.find(
    (each) => rules.experiment.composeFiles.includes(each) && !rules.stable.composeFiles.includes(each),
  );
  if (file === undefined) {
    return { system: 'foreign', service, why: `No list of the target names the service ${service}.` };
  }
  if (files.some((each) => rules.stable.composeFiles.includes(each))) {
    const why = `Service ${service} was started from the files of both systems, and no list of the target names it.`;
    return { system: 'foreign', service, why };
  }
  return { system: 'experiment', service, why: `Service ${service} was started from ${file}.` };
}

/** Compose v1 writes the files as typed, v2 absolute; both joined by commas (facts). */
function composeFilesOf(labels: Labelled['labels'], repository: string): readonly string[] {
  const folder = labels['com.docker.compose.project.working_dir'] || repository;
  return (labels['com.docker.compose.project.config_files'] ?? '')
    .split(',')
    .map((file) => file.trim())
    .filter((file) => file !== '')
    .map((file) => plainPath(file.startsWith('/') ? file : `${folder}/${file}`));
}

/** Without `.`, `..` and doubled slashes. */
function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
