import type { Target } from '../../../target/schema.ts';
import type { Room } from '../../kernel/room.ts';

type Limiter = NonNullable<Target['partial']['performance']>['limiter'][number];

/** A switch of the target, of one kind or of any. */
export type SwitchOf<K extends Limiter['kind'] = Limiter['kind']> = Extract<Limiter, { readonly kind: K }>;

/** What takes a switch back; written into the journal before it is set. */
export type Inverse = Readonly<Record<string, unknown>>;

/** One kind of switch: each looks at the world and does only what is missing. */
export interface SwitchKind<S extends SwitchOf> {
  /** Whether it is set, and how that was seen. */
  look(room: Room, what: S): Promise<{ readonly set: boolean; readonly said: string }>;
  /** How it is now, so that it can be taken back. */
  inverse(room: Room, what: S): Promise<Inverse>;
  set(room: Room, what: S): Promise<void>;
  takeBack(room: Room, what: S, inverse: Inverse): Promise<void>;
}
