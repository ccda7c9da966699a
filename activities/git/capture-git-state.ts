import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileRef } from '../../contract/step.ts';
import { ensureDir, evidenceMode, writeFileDurably } from '../../vault/durable-file.ts';
import { compareManifests } from '../../vault/manifest/compare.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { showPath } from '../../vault/path-text.ts';
import type { Git } from '../adapters/git.ts';
import { excludedOf } from '../checks/checks-of.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { checkpointCopyOf } from '../data/compare-with-checkpoint.ts';
import { prefixOf } from '../data/root-in-git.ts';
import { asActFailure } from '../kernel/act.ts';
import { ActFailure } from '../kernel/failures.ts';
import { fileRef, readCheckpoint, sha256 } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { gitOf } from './git-of.ts';
import { findCommit, peel } from './resolve-commit.ts';

/** Manifests of roots that git does not know: what is not read by then is left out, and said so. */
const manifestsMs = 25_000;

/** What is listed of one comparison. */
const mostLines = 10_000;

/**
 * Runbook 2.1 as evidence: `git status`, HEAD, refs, log, and `git diff` of every data root against HEAD~1 and against
 * the checkpoint. A root outside the repository, where git ends with 128 (facts), gets a manifest and its differences
 * from the checkpoint's. Each part is streamed to disk and cut at the target's limit; one that fails keeps none of the
 * others from being saved.
 */
export const captureGitState: ActBody = async (room) => {
  const dir = join(room.rollback.evidenceDir, 'git');
  room.beforeEffect();
  ensureDir(dir);
  const parts = new Parts(room, dir);
  await parts.take('git', async () => saveGit(room, await gitOf(room), parts));
  if (room.input.mode === 'full') await saveOutside(room, parts);
  if (parts.files.length === 0) {
    throw new ActFailure('git-failed', `Nothing of the repository could be saved: ${parts.missing.join('; ')}.`);
  }
  const missing = parts.missing.length === 0 ? '' : `; not saved: ${parts.missing.join('; ')}`;
  const cut = parts.cut.length === 0 ? '' : `; cut at the limit: ${parts.cut.join(', ')}`;
  return {
    outcome: 'done',
    reason: `${parts.files.length} file(s) with the state of the repository and its differences${cut}${missing}.`,
    figures: { files: parts.files.length, missing: parts.missing.length, cut: parts.cut.length },
    files: parts.files.slice(0, 50),
  };
};

class Parts {
  readonly files: FileRef[] = [];
  readonly missing: string[] = [];
  readonly cut: string[] = [];
  readonly #room: Room;
  readonly dir: string;

  constructor(room: Room, dir: string) {
    this.#room = room;
    this.dir = dir;
  }

  /** Takes one part; what fails is named, and only the end of this attempt ends the whole. */
  async take(name: string, work: () => Promise<void>): Promise<void> {
    this.#room.progress(`saves ${name}`);
    try {
      await work();
    } catch (error) {
      this.#room.signal.throwIfAborted();
      const failure = asActFailure(error);
      if (failure.kind === 'stale-attempt' || failure.kind === 'no-space') throw failure;
      this.missing.push(`${name} (${failure.message.slice(0, 200)})`);
    }
  }

  /** Output of a git command into a file of its own. */
  git(git: Git, file: string, args: readonly string[]): Promise<void> {
    return this.take(file, async () => {
      const path = join(this.dir, file);
      this.#room.beforeEffect();
      const maxBytes = this.#room.target.evidence.limits.fileBytes;
      const answer = await git.pipe(args, { file: path, maxBytes });
      if (answer.exitCode !== 0) throw new ActFailure('git-failed', answer.stderr.trim().slice(-300));
      if (answer.truncated) this.cut.push(file);
      this.files.push({ path, sha256: answer.sha256, bytes: answer.bytes });
    });
  }

  text(file: string, text: string): void {
    const path = join(this.dir, file);
    this.#room.beforeEffect();
    writeFileDurably(path, text, evidenceMode);
    this.files.push({ path, sha256: sha256(text), bytes: Buffer.byteLength(text) });
  }
}

async function saveGit(room: Room, git: Git, parts: Parts): Promise<void> {
  const { checkpoint: ref } = room.target.repository;
  const recorded = readCheckpoint(room)?.commit;
  const commit = recorded ?? (await findCommit(git, ref))?.commit;
  const before = await peel(git, 'HEAD~1^{commit}');
  await parts.git(git, 'head.txt', ['log', '-1', '--format=fuller', '--decorate=full', '--no-color', 'HEAD']);
  await parts.git(git, 'status.txt', ['status', '--porcelain=v1', '--branch', '--untracked-files=normal']);
  await parts.git(git, 'ignored.txt', ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory']);
  await parts.git(git, 'refs.txt', ['for-each-ref', '--format=%(objectname) %(objecttype) %(refname)']);
  await parts.git(git, 'log.txt', ['log', '-200', '--format=%H %cI %an %s', '--no-color', 'HEAD']);
  await parts.git(git, 'reflog.txt', ['log', '-200', '--walk-reflogs', '--format=%H %gd %gs', '--no-color', 'HEAD']);
  await parts.git(git, 'diff-HEAD.patch', diff('HEAD'));
  const roots = room.target.data.flatMap(({ name }) => {
    const prefix = prefixOf(room, git, name);
    return prefix === undefined || prefix.length === 0 ? [] : [{ name, prefix: prefix.toString('utf8') }];
  });
  const bases = [
    ...(before === undefined ? [] : [{ label: 'HEAD~1', id: before }]),
    ...(commit === undefined ? [] : [{ label: 'checkpoint', id: commit }]),
  ];
  if (before === undefined) parts.missing.push('differences from HEAD~1 (HEAD has no parent)');
  if (commit === undefined) parts.missing.push(`differences from the checkpoint (${ref} is no commit here)`);
  for (const { label, id } of bases) {
    for (const { name, prefix } of roots)
      await parts.git(git, `diff-${label}-${name}.patch`, [...diff(id), '--', prefix]);
    await parts.git(git, `diff-${label}.patch`, diff(id));
  }
}

function diff(base: string): readonly string[] {
  return ['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--binary', base];
}

/** Roots that git knows nothing of. */
async function saveOutside(room: Room, parts: Parts): Promise<void> {
  const within = AbortSignal.timeout(manifestsMs);
  const signal = AbortSignal.any([room.signal, within]);
  const known = await gitOf(room).catch((error: unknown) => {
    // Without a repository every root is outside of it; `saveGit` has told why.
    room.signal.throwIfAborted();
    if (error instanceof ActFailure && error.kind !== 'stale-attempt') return null;
    throw error;
  });
  for (const root of room.target.data) {
    const inGit = known !== null && root.kind === 'path' && prefixOf(room, known, root.name) !== undefined;
    if (root.kind === 'dump' || inGit) continue;
    await parts.take(`manifest of ${root.name}`, async () => {
      if (within.aborted) throw new ActFailure('io-error', 'the time for evidence was used up');
      const place = await locateRoot(room, root);
      if ('problem' in place) throw new ActFailure('io-error', place.problem);
      const manifest = join(parts.dir, `manifest-${root.name}.jsonl`);
      room.beforeEffect();
      await writeManifest(place.path, manifest, { exclude: excludedOf(root), signal });
      parts.files.push(fileRef(manifest));
      await saveDifferences(room, parts, { root: root.name, manifest });
    });
  }
}

async function saveDifferences(
  room: Room,
  parts: Parts,
  { root, manifest }: { readonly root: string; readonly manifest: string },
): Promise<void> {
  const source = await checkpointCopyOf(room, readCheckpoint(room), root);
  if ('problem' in source) {
    parts.missing.push(`differences of ${root} (${source.problem})`);
    return;
  }
  const file = `diff-checkpoint-${root}.txt`;
  parts.text(file, '');
  parts.files.pop();
  const path = join(parts.dir, file);
  let lines = 0;
  for await (const { kind, path: name } of compareManifests(source.manifest, manifest)) {
    lines += 1;
    if (lines > mostLines) {
      parts.cut.push(file);
      break;
    }
    appendFileSync(path, `${kind} ${showPath(name)}\n`);
  }
  parts.files.push(fileRef(path));
}
