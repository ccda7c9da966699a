import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync } from 'node:fs';
import { execa } from 'execa';

/** A second account of this machine, made for the test and taken away again. Only root can make one. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** A folder that belongs to it. */
  folder(path: string): string;
  /** Runs a command as this account; never rejects. */
  run(argv: readonly string[], options: AccountOptions): Promise<AccountEnded>;
}

export interface AccountOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Further groups, by number. */
  readonly groups?: readonly number[];
}

export interface AccountEnded {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function withAccount(use: (account: Account) => Promise<void>): Promise<void> {
  const name = `dr-${randomBytes(4).toString('hex')}`;
  await execa('useradd', ['--no-create-home', '--shell', '/usr/sbin/nologin', name], sbin);
  try {
    const idOf = async (flag: string) => Number((await execa('id', [flag, name])).stdout);
    const [uid, gid] = [await idOf('-u'), await idOf('-g')];
    await use({
      name,
      uid,
      gid,
      folder(path) {
        mkdirSync(path);
        chownSync(path, uid, gid);
        return path;
      },
      async run(argv, { cwd, env, groups = [] }) {
        const { exitCode, stdout, stderr } = await execa(
          'setpriv',
          [
            ...['--reuid', String(uid), '--regid', String(gid)],
            ...(groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.join(',')]),
            // The project may lie where only root can look; that this account may read it is all that is granted.
            ...['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'],
            ...argv,
          ],
          { cwd, env, extendEnv: false, stdin: 'ignore', reject: false, timeout: 110_000 },
        );
        return { code: exitCode ?? -1, stdout: String(stdout), stderr: String(stderr) };
      },
    });
  } finally {
    // Also while an ended process of it waits for somebody to take note of its end.
    await execa('userdel', ['--force', name], sbin);
  }
}

const sbin = { env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } };
