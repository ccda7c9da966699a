import type { StepInput, StepResult } from '../../contract/step.ts';
import type { Target } from '../../target/schema.ts';
import type { Journal } from '../../vault/journal.ts';
import type { EnvironmentLayout, RollbackLayout } from '../../vault/layout.ts';
import type { World } from './world.ts';

/** Said in the journal before an effect, so that whoever comes after a crash knows what may have happened. */
export interface Intent {
  /** Verb of the effect: `pause`, `stop`, `move-aside`, `checkout` … */
  readonly kind: string;
  /** What it acts on: container id, path, ref. */
  readonly target: string;
  /** What to do when the journal ends after the intent. */
  readonly recovery: 'do-again' | 'verify-then-skip' | 'undo-from-copy';
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Everything one attempt of one act works with. */
export interface Room {
  readonly input: StepInput;
  readonly target: Target;
  readonly world: World;
  readonly layout: EnvironmentLayout;
  readonly rollback: RollbackLayout;
  readonly journal: Journal;
  /** Value of ROLLBACK_FENCE for child processes of this attempt: a successor ends what still carries it. */
  readonly marker: string;
  /** Aborted when the workflow cancels the step, the worker shuts down or a newer attempt of this step begins. */
  readonly signal: AbortSignal;
  /**
   * Fence check: throws `stale-attempt` when a newer epoch or attempt has begun. Call it synchronously right before
   * each file effect, in the same tick.
   */
  beforeEffect(): void;
  /** Journal intent → fence check → effect → journal confirm. The effect looks at the world first and says `already`. */
  effect<T extends 'done' | 'already' | undefined>(intent: Intent, run: () => Promise<T>): Promise<T>;
  /** Something that must still be done whatever happens; kept until discharged. */
  obligation(id: string, what: string, detail?: Readonly<Record<string, unknown>>): void;
  discharge(id: string, how: string): void;
  /** Progress for `status`: shown, never trusted. */
  progress(text: string): void;
}

export type ActBody<R extends StepResult = StepResult> = (room: Room) => Promise<R>;
