import { appendFile, chmod, cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ComposeOptions, experimentCompose, stableCompose } from './compose-files.ts';
import { skills } from './content.ts';
import { git } from './git.ts';
import { checkpointTag, experimentFile, stableFile } from './names.ts';
import { assetFolder } from './paths.ts';

/** The project's repository up to the checkpoint: sources, compose file, scripts, skills; the annotated tag. */
export async function writeStableProject(options: ComposeOptions & { readonly dockerfile: string }): Promise<void> {
  const { repository } = options.paths;
  await cp(assetFolder('project'), repository, { recursive: true });
  // Under its own name it would hide files of this project from its own git.
  await rename(join(repository, 'gitignore'), join(repository, '.gitignore'));
  for (const name of ['agent-status', 'performance-test', 'monitor-performance', 'validate-skills']) {
    await chmod(join(repository, 'scripts', `${name}.sh`), 0o755);
  }
  await write(repository, 'scripts/expected-skills.txt', `${skills.map((skill) => skill.name).join('\n')}\n`);
  await write(repository, 'server/Dockerfile', options.dockerfile);
  await write(repository, stableFile, stableCompose(options));
  await write(
    repository,
    '.env',
    `LIGHTRAG_PORT=${options.ports.stable}\nLIGHTRAG_API_KEY=lab-secret-${options.names.id}\n`,
  );
}

/** @returns id of the checkpoint's commit */
export async function commitCheckpoint(repository: string): Promise<string> {
  await git(repository, 'init', '-q', '-b', 'main');
  await git(repository, 'add', 'README.md', '.gitignore');
  await git(repository, 'commit', '-q', '-m', 'Begin the project');
  await git(repository, 'add', '.');
  await git(repository, 'commit', '-q', '-m', 'SMP with its skills, scripts and compose file');
  await git(repository, 'tag', '-a', checkpointTag, '-m', 'Known good state before the OpenViking experiment');
  return git(repository, 'rev-parse', 'HEAD');
}

/**
 * The experiment's commits after the checkpoint, on a branch of their own, and what people left lying about: a changed
 * tracked file, an untracked one, and one that stands where the checkpoint has another.
 */
export async function writeExperimentProject(options: ComposeOptions): Promise<void> {
  const { repository } = options.paths;
  await git(repository, 'checkout', '-q', '-b', 'experiment/openviking');
  await write(repository, experimentFile, experimentCompose(options));
  await write(
    repository,
    'openviking/config.json',
    `${JSON.stringify({ cache: 'http://openviking-cache:7001', mode: 'shadow' }, null, 2)}\n`,
  );
  await cp(assetFolder('openviking'), join(repository, 'openviking'), { recursive: true });
  await git(repository, 'add', experimentFile, 'openviking');
  await git(repository, 'commit', '-q', '-m', 'OpenViking beside SMP');

  await appendFile(
    join(repository, 'README.md'),
    '\nThe OpenViking experiment runs from `docker-compose.openviking.yml`.\n',
  );
  const status = join(repository, 'scripts', 'lib', 'agent-status.mjs');
  await writeFile(status, `${await readFile(status, 'utf8')}// Changed by the experiment.\n`);
  await git(repository, 'rm', '-q', 'docs/operations.md');
  await git(repository, 'commit', '-q', '-a', '-m', 'Documents and status for the experiment');

  await appendFile(join(repository, 'README.md'), '\nNot committed: ask Kim before the demo.\n');
  await write(repository, 'docs/operations.md', 'Untracked, and where the checkpoint has a file of its own.\n');
  await write(repository, 'todo list.txt', 'Untracked: compare the answers of both systems.\n');
}

async function write(repository: string, path: string, text: string): Promise<void> {
  await mkdir(join(repository, path, '..'), { recursive: true });
  await writeFile(join(repository, path), text);
}
