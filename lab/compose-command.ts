import { accessSync, constants } from 'node:fs';
import { execa } from 'execa';
import { cachedCompose } from '../setup/places.mjs';

/** v1 is Debian's `docker-compose`; v5 is what `docker compose` is today. Labs run on both. */
export type ComposeChoice = 'v1' | 'v5';

export interface ComposeCommand {
  readonly choice: ComposeChoice;
  readonly file: string;
  readonly args: readonly string[];
  /** Value of ROLLBACK_COMPOSE that makes the product use the same one. */
  readonly rollbackCompose: string;
}

/** @throws Error saying what was looked for when that compose is not on this machine */
export async function findCompose(choice: ComposeChoice | 'auto'): Promise<ComposeCommand> {
  const wanted: readonly ComposeChoice[] = choice === 'auto' ? ['v5', 'v1'] : [choice];
  for (const each of wanted) {
    const found = each === 'v1' ? await standaloneV1() : ((await builtV5()) ?? (await plugin()));
    if (found !== undefined) return found;
  }
  throw new Error(
    `No compose ${wanted.join(' or ')}: looked for docker-compose 1.x in PATH, ${cachedCompose()} and "docker compose".`,
  );
}

async function standaloneV1(): Promise<ComposeCommand | undefined> {
  const version = await versionOf('docker-compose', ['version', '--short']);
  if (version === undefined || !version.startsWith('1.')) return undefined;
  return { choice: 'v1', file: 'docker-compose', args: [], rollbackCompose: 'v1' };
}

async function builtV5(): Promise<ComposeCommand | undefined> {
  const file = cachedCompose();
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return undefined;
  }
  return { choice: 'v5', file, args: [], rollbackCompose: file };
}

async function plugin(): Promise<ComposeCommand | undefined> {
  const version = await versionOf('docker', ['compose', 'version', '--short']);
  if (version === undefined) return undefined;
  return { choice: 'v5', file: 'docker', args: ['compose'], rollbackCompose: 'v2' };
}

async function versionOf(file: string, args: readonly string[]): Promise<string | undefined> {
  const { failed, stdout } = await execa(file, args, { reject: false, timeout: 20_000, stdin: 'ignore' });
  return failed ? undefined : stdout.trim();
}
