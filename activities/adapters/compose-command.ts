import { ActFailure } from '../kernel/failures.ts';
import type { Commands } from '../kernel/world.ts';

/** The compose that serves: how it is called, and which of the two families it is of. */
export interface ComposeCommand {
  readonly argv: readonly string[];
  readonly major: 1 | 2;
  readonly text: string;
}

export interface ComposeSettings {
  readonly commands: Commands;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Finds compose: what ROLLBACK_COMPOSE says (`v1`, `v2`, or the path of a binary), else the plugin `docker compose`,
 * else `docker-compose`. Everything from 2 on (5 is what `docker compose` is today) counts as family 2.
 *
 * @throws ActFailure `compose-failed` with what was tried
 */
export async function findCompose(settings: ComposeSettings): Promise<ComposeCommand> {
  const wanted = settings.env['ROLLBACK_COMPOSE'] ?? '';
  const tried: string[] = [];
  for (const argv of candidates(wanted)) {
    const found = await ask(settings, argv);
    if (typeof found === 'string') tried.push(found);
    else if (fits(wanted, found)) return found;
    else tried.push(`${argv.join(' ')} is ${found.text}`);
  }
  throw new ActFailure('compose-failed', `No Docker Compose answers: ${tried.join('; ')}.`, { data: { tried } });
}

function candidates(wanted: string): readonly (readonly string[])[] {
  const plugin = ['docker', 'compose'];
  const standalone = ['docker-compose'];
  if (wanted === 'v1') return [standalone];
  if (wanted === '' || wanted === 'v2') return [plugin, standalone];
  return [[wanted]];
}

function fits(wanted: string, found: ComposeCommand): boolean {
  if (wanted === 'v1') return found.major === 1;
  if (wanted === 'v2') return found.major === 2;
  return true;
}

async function ask(settings: ComposeSettings, argv: readonly string[]): Promise<ComposeCommand | string> {
  const answer = await settings.commands.run({
    argv: [...argv, 'version', '--short'],
    cwd: '/',
    timeoutMs: 20_000,
    maxOutputBytes: 4_096,
    marker: '',
  });
  const text = answer.output.trim();
  const version = /^v?(\d+)\.\d+/m.exec(text)?.[1];
  if (answer.exitCode !== 0 || version === undefined) {
    return `${argv.join(' ')} ended ${answer.exitCode ?? answer.signal}: ${text.split('\n')[0] ?? ''}`;
  }
  return { argv, major: version === '1' ? 1 : 2, text };
}
