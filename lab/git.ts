import { execa } from 'execa';

/** Git as in a lab: nothing of this machine's configuration, a fixed author. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execa('git', ['-C', folder, '-c', 'core.hooksPath=/dev/null', ...args], {
    env: {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Lab',
      GIT_AUTHOR_EMAIL: 'lab@localhost',
      GIT_COMMITTER_NAME: 'Lab',
      GIT_COMMITTER_EMAIL: 'lab@localhost',
    },
    stdin: 'ignore',
  });
  return stdout.trim();
}
