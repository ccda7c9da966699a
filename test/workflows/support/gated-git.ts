import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStart } from '../../../vault/processes.ts';

/** A git process that was about to move HEAD: who it is, and which attempt of which step it belongs to. */
export interface HeadMove {
  readonly pid: number;
  readonly fence: string;
}

/** The real git, which waits before it moves HEAD until the test opens the gate: the middle of an act, held. */
export interface GatedGit {
  /** PATH for a worker. */
  readonly path: string;
  /** Git processes that came to the gate, in order. */
  begun(): readonly HeadMove[];
  /** How many went through it. */
  through(): number;
  open(): void;
}

export function gatedGit(folder: string): GatedGit {
  const bin = join(folder, 'bin');
  const log = join(folder, 'git.log');
  const gate = join(folder, 'gate');
  const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh
case " $* " in *" symbolic-ref -m "*)
  echo "begun $$ $ROLLBACK_FENCE" >> '${log}'
  while [ ! -e '${gate}' ]; do sleep 0.05; done
  echo "through $$" >> '${log}'
esac
exec '${real}' "$@"
`;
  writeFileSync(join(bin, 'git'), script, { mode: 0o755 });
  const lines = (word: string): readonly string[] =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => line.startsWith(`${word} `))
      : [];
  return {
    path: `${bin}:${process.env['PATH'] ?? ''}`,
    begun: () =>
      lines('begun').map((line) => {
        const [, pid = '', fence = ''] = line.split(' ');
        return { pid: Number(pid), fence };
      }),
    through: () => lines('through').length,
    open: () => writeFileSync(gate, ''),
  };
}

export function isGone({ pid }: HeadMove): boolean {
  return processStart(pid) === undefined;
}
