/** A container as the rollback found it before it did anything. */
export interface ContainerBefore {
  readonly state: string;
  readonly restartPolicy: { readonly name: string };
}

/** The same container now; `keptWhole` says that its definition and layer were captured before it went. */
export interface ContainerNow {
  readonly state: string | null;
  readonly restartPolicy: { readonly name: string } | null;
  readonly keptWhole: boolean;
  /** Networks that it had and that the rollback cut. */
  readonly cutNetworks: number;
}

export type ContainerAct = 'recreate' | 'connect' | 'set-policy' | 'start' | 'unpause' | 'pause' | 'stop';

export interface ContainerDecision {
  /** In order. */
  readonly acts: readonly ContainerAct[];
  /** Why it will not be as it was, or null. */
  readonly exception: string | null;
}

/**
 * What brings one container back into the state before the rollback: the same one where it is still there, else made
 * again from what was captured (design §4.2).
 */
export function decideContainer(before: ContainerBefore, now: ContainerNow): ContainerDecision {
  if (now.state === null || now.state === 'removing' || now.state === 'dead') {
    if (!now.keptWhole) return { acts: [], exception: 'it is gone, and nothing of it was captured to make it again' };
    const acts: readonly ContainerAct[] = ['recreate', ...towards(before.state, 'created')];
    return { acts, exception: 'it is made again from its captured layer, under a new id' };
  }
  const connect: readonly ContainerAct[] = now.cutNetworks > 0 ? ['connect'] : [];
  const policy: readonly ContainerAct[] =
    now.restartPolicy?.name === before.restartPolicy.name ? [] : (['set-policy'] as const);
  return { acts: [...connect, ...policy, ...towards(before.state, now.state)], exception: null };
}

/** Running is what a crash loop was on its way to: it is started, and loops again where it must. */
function towards(before: string, now: string): readonly ContainerAct[] {
  const was = kindOf(before);
  const is = kindOf(now);
  if (was === is) return [];
  switch (was) {
    case 'running':
      return is === 'paused' ? ['unpause'] : ['start'];
    case 'paused':
      return is === 'running' ? ['pause'] : ['start', 'pause'];
    case 'down':
      return ['stop'];
  }
}

function kindOf(state: string): 'running' | 'paused' | 'down' {
  if (state === 'running' || state === 'restarting') return 'running';
  return state === 'paused' ? 'paused' : 'down';
}

/** What the looks at the end say together: a difference fails, what could not be seen is not proven (design §4.13). */
export function judgeUndo(seen: {
  readonly failed: readonly string[];
  readonly wrong: readonly string[];
  readonly unknown: readonly string[];
  readonly exceptions: readonly string[];
}): {
  readonly verdict: 'undone' | 'undone-with-exceptions' | 'not-proven' | 'failed';
  readonly reasons: readonly string[];
} {
  const reasons = [...seen.failed, ...seen.wrong, ...seen.unknown, ...seen.exceptions];
  if (seen.failed.length + seen.wrong.length > 0) return { verdict: 'failed', reasons };
  if (seen.unknown.length > 0) return { verdict: 'not-proven', reasons };
  return { verdict: seen.exceptions.length > 0 ? 'undone-with-exceptions' : 'undone', reasons };
}
