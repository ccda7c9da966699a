import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';
import { say, showProgress } from './say.mjs';
import { temporalCliVersion as version } from './versions.mjs';

const answerDeadlineMs = 8_000;
const wholeDeadlineMs = 10 * 60_000;
const architectures = { x64: 'amd64', arm64: 'arm64' };

/**
 * Fetches the official archive and puts its command at `target`.
 * @param {string} target
 * @returns {Promise<string>} '' or why it failed; with no network within some ten seconds
 */
export async function fetchTemporalCli(target) {
  const arch = architectures[process.arch];
  const url = `https://temporal.download/cli/archive/v${version}?platform=${process.platform}&arch=${arch}`;
  if (arch === undefined) return `the official archive: there is none for ${process.arch}`;
  const staged = `${target}.part`;
  try {
    rmSync(staged, { recursive: true, force: true });
    mkdirSync(staged, { recursive: true });
    const archive = await download(url, 'fetching the archive');
    await compareWithTheReleaseList(archive, `temporal_cli_${version}_${process.platform}_${arch}.tar.gz`);
    writeFileSync(join(staged, 'archive.tar.gz'), archive);
    const argv = ['tar', '-xzf', 'archive.tar.gz', 'temporal'];
    const unpacked = await run(argv, { cwd: staged, deadlineMs: 60_000 });
    if (!unpacked.ok) return `${url}: ${unpacked.why}`;
    await mustBeThatVersion(join(staged, 'temporal'));
    renameSync(join(staged, 'temporal'), target);
    return '';
  } catch (error) {
    return `${url}: ${causeOf(error)}`;
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** The release's own list or nothing: a checksum of our own would only repeat what we fetched. @param {Buffer} archive @param {string} name */
async function compareWithTheReleaseList(archive, name) {
  const url = `https://github.com/temporalio/cli/releases/download/v${version}/checksums.txt`;
  let list;
  try {
    list = (await download(url, 'fetching the list of checksums')).toString('utf8');
  } catch (error) {
    say(`Temporal CLI: the release's list of checksums cannot be had (${causeOf(error)}); the archive came over TLS`);
    return;
  }
  const wanted = checksumIn(list, name);
  const found = createHash('sha256').update(archive).digest('hex');
  if (wanted !== found)
    throw new Error(`its SHA-256 is ${found}, the release's list says ${wanted ?? 'nothing of it'}`);
}

/**
 * @param {string} list as goreleaser writes it: digest, blanks, name
 * @param {string} name
 */
export function checksumIn(list, name) {
  const rows = list.split('\n').map((line) => line.trim().split(/\s+\*?/));
  return rows.find((row) => row[1] === name)?.[0]?.toLowerCase();
}

/** @param {string} url @param {string} what */
async function download(url, what) {
  const giveUp = new AbortController();
  let timer = setTimeout(
    () => giveUp.abort(new Error(`no answer within ${answerDeadlineMs / 1000} s`)),
    answerDeadlineMs,
  );
  const stop = showProgress(what, () => '');
  try {
    const response = await fetch(url, { signal: giveUp.signal });
    clearTimeout(timer);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    timer = setTimeout(() => giveUp.abort(new Error('the download took too long')), wholeDeadlineMs);
    return Buffer.from(await response.arrayBuffer());
  } finally {
    clearTimeout(timer);
    stop();
  }
}

/** @param {string} file */
async function mustBeThatVersion(file) {
  const { ok, why, output } = await run([file, '--version'], { deadlineMs: 10_000 });
  if (!ok) throw new Error(why);
  if (!output.includes(version)) throw new Error(`what it holds says ${output.trim()}`);
}

/** fetch wraps the reason that people can act on. @param {unknown} error */
function causeOf(error) {
  const cause = error?.cause ?? error;
  return cause instanceof Error ? cause.message : String(cause);
}
