import type { Room } from '../kernel/room.ts';
import type { ComposeStack } from '../kernel/world.ts';

/** One of the target's two stacks as compose is called for it: both share project and folder. */
export function stackOf(
  { target }: Pick<Room, 'target'>,
  stack: Room['target']['stable' | 'experiment'],
): ComposeStack {
  return {
    project: target.compose.project,
    directory: target.compose.directory,
    files: stack.composeFiles,
    envFiles: stack.envFiles,
    profiles: stack.profiles,
  };
}
