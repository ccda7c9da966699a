import { loadTarget } from '../target/load.ts';
import type { Target } from '../target/schema.ts';
import { errorCode } from '../vault/errors.ts';
import type { PlaceOptions } from './command.ts';
import { stateRootOf, targetFileOf } from './environment.ts';
import { ClientFailure } from './failures.ts';

export interface LoadedTarget {
  readonly target: Target;
  readonly hash: string;
  readonly environment: string;
  readonly stateRoot: string;
  readonly file: string;
}

/**
 * Reads the target file whole and checks it; every fault is told at once.
 * @throws ClientFailure `bad-target`, or the loader's error with its list of faults
 */
export async function loadTargetFrom(options: PlaceOptions): Promise<LoadedTarget> {
  const file = targetFileOf(options);
  try {
    const { target, hash } = await loadTarget(file);
    if (options.environment !== undefined && options.environment !== target.environment) {
      throw new ClientFailure(
        'usage',
        `--environment ${options.environment} is not the one of ${file} (${target.environment}).`,
      );
    }
    return { target, hash, environment: target.environment, stateRoot: stateRootOf(options), file };
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EISDIR') throw error;
    throw new ClientFailure('bad-target', `There is no target file ${file}; nothing was started.`, {
      next: ['Give --target <file>. target/openviking.yaml is a complete example.'],
      cause: error,
    });
  }
}
