import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { statusOf } from './docker.ts';
import { sharedImageLabel } from './names.ts';
import { assetFolder } from './paths.ts';

/**
 * The one image under all containers of all labs: this machine's Node with the libraries that it needs, and the lab's
 * servers. Nothing is pulled. It is found again by the hash of what is in it and stays for the next lab.
 * @returns its name
 */
export async function ensureBaseImage(docker: Docker): Promise<string> {
  const content = await baseContent();
  const name = `durable-rollback-lab:${await hashOf(content)}`;
  if (await imageId(docker, name)) return name;
  const staging = await mkdtemp(join(tmpdir(), 'durable-rollback-lab-image-'));
  try {
    await stage(content, staging);
    await importTree(docker, staging, name);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return name;
}

/** Id of an image, or undefined when this engine has none of that name. */
export async function imageId(docker: Docker, name: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(name).inspect()).Id;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Source on this machine by path in the image. */
async function baseContent(): Promise<ReadonlyMap<string, string>> {
  const node = await realpath(process.execPath);
  const servers = assetFolder('images');
  const content = new Map([['/usr/local/bin/node', node]]);
  for (const library of await librariesOf(node)) content.set(library, library);
  for (const name of (await readdir(servers)).sort()) content.set(`/app/${basename(name)}`, join(servers, name));
  return content;
}

/** What the loader would load, by the path under which it looks for it. A static binary needs none. */
async function librariesOf(binary: string): Promise<readonly string[]> {
  const { failed, stdout } = await execa('ldd', [binary], { reject: false });
  if (failed) return [];
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? '').filter((path) => path !== '');
}

async function hashOf(content: ReadonlyMap<string, string>): Promise<string> {
  const hash = createHash('sha256');
  for (const [path, source] of content) {
    hash.update(`${path}\0`);
    for await (const chunk of createReadStream(source)) hash.update(chunk);
  }
  return hash.digest('hex').slice(0, 16);
}

async function stage(content: ReadonlyMap<string, string>, folder: string): Promise<void> {
  for (const [path, source] of content) {
    const to = join(folder, path);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(source, to);
    await chmod(to, 0o755);
  }
  // A new volume takes over owner and mode of the folder that it covers.
  for (const open of ['tmp', 'data']) {
    await mkdir(join(folder, open));
    await chmod(join(folder, open), 0o1777);
  }
  await chmod(folder, 0o755);
}

async function importTree(docker: Docker, folder: string, name: string): Promise<void> {
  const [repo, tag] = name.split(':');
  const tar = execa('tar', ['--owner=0', '--group=0', '--numeric-owner', '-C', folder, '-c', '.'], {
    stdout: 'pipe',
    buffer: false,
  });
  const changes = ['ENV PATH=/usr/local/bin', 'WORKDIR /app', `LABEL ${sharedImageLabel}=base`];
  const answer = await docker.importImage(tar.stdout, { repo, tag, changes });
  await Promise.all([tar, finished(docker, answer)]);
}

/** Reads an answer of the engine that reports progress to its end; its errors come in the stream with status 200. */
export function finished(docker: Docker, answer: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(answer, (error) => (error ? reject(error) : resolve()));
  });
}
