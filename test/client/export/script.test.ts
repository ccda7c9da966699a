import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quoted, renderScript, type ScriptFacts } from '../../../client/export/script.ts';
import { git } from '../../../lab/git.ts';
import { writeManifest } from '../../../vault/manifest/write.ts';
import { sumsDigest } from '../../../vault/sums-digest.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'export-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const id = (letter: string): string => letter.repeat(64);

function facts(over: Partial<ScriptFacts> = {}): ScriptFacts {
  return {
    environment: 'practice',
    run: 'script-1',
    madeAt: '2026-01-01T00:00:00.000Z',
    from: 'a plan',
    daemonId: 'THE-DAEMON',
    repository: join(folder, 'repository'),
    lockFiles: [join(folder, 'held.json')],
    keepIn: join(folder, 'kept'),
    suspectData: true,
    experiment: [{ id: id('e'), name: "it's $(reboot); \n`x` *" }],
    stable: [{ id: id('a'), name: 'stable', image: `sha256:${id('1')}` }],
    stopForData: [id('a')],
    git: { commit: 'c'.repeat(40), leaveOut: ["data of 'x'"] },
    restore: [{ root: 'agent', path: '/data/it is', copy: '/copies/agent', digest: id('d'), files: 1, bytes: 2 }],
    probe: { url: 'http://127.0.0.1:9/', timeoutS: 2, deadlineS: 9, answers: 3 },
    notDone: ["what it doesn't"],
    ...over,
  };
}

/** Runs a script with a `docker` that only tells its engine's id. */
function runWith(script: string, daemon: string, ...args: readonly string[]) {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, 'docker'),
    `#!/bin/sh\n[ "$1" = info ] && echo ${daemon} && exit 0\ntouch '${folder}/touched'\n`,
  );
  chmodSync(join(bin, 'docker'), 0o755);
  writeFileSync(join(folder, 'x.sh'), script);
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder };
  return spawnSync('sh', [join(folder, 'x.sh'), ...args], { encoding: 'utf8', env, input: '' });
}

describe('an exported script', () => {
  it('satisfies shellcheck, whatever the names are, and with nothing to do', () => {
    const bare = facts({
      experiment: [],
      stable: [],
      stopForData: [],
      git: null,
      restore: [],
      probe: null,
      notDone: [],
    });
    for (const script of [renderScript(facts()), renderScript(bare)]) {
      const checked = spawnSync('shellcheck', ['--shell=sh', '-'], { input: script, encoding: 'utf8' });
      expect(checked.error).toBeUndefined();
      expect(checked.stdout).toBe('');
      expect(checked.status).toBe(0);
    }
  });

  it('quotes every word so that the shell reads it back as it is', () => {
    for (const word of ["it's", '$(reboot)', '`x`', 'a\nb', '*', '-rf', '\\', '"']) {
      expect(spawnSync('sh', ['-c', `printf %s ${quoted(word)}`], { encoding: 'utf8' }).stdout).toBe(word);
    }
  });

  it('refuses another engine, another repository, a missing commit, a held system, and a silent operator', async () => {
    const repository = join(folder, 'repository');
    const refused = (why: RegExp, script: string, daemon: string, ...args: readonly string[]) => {
      const { status, stderr } = runWith(script, daemon, ...args);
      expect(stderr).toMatch(why);
      expect(stderr).toContain('Nothing was changed');
      expect(status).toBe(5);
    };
    refused(/another Docker engine/, renderScript(facts()), 'ANOTHER', '--yes');
    refused(/there is no repository/, renderScript(facts()), 'THE-DAEMON', '--yes');
    mkdirSync(repository);
    await git(repository, 'init', '-q', '-b', 'main');
    await git(repository, 'commit', '-q', '--allow-empty', '-m', 'one');
    refused(/has no commit c{40}/, renderScript(facts()), 'THE-DAEMON', '--yes');
    const commit = await git(repository, 'rev-parse', 'HEAD');
    const good = renderScript(facts({ git: { commit, leaveOut: [] } }));
    refused(/nobody said yes/, good, 'THE-DAEMON');
    writeFileSync(join(folder, 'held.json'), '{}');
    refused(/a rollback holds this system/, good, 'THE-DAEMON', '--yes');
    expect(() => readFileSync(join(folder, 'touched'))).toThrow();
  });

  it('makes of a folder the hash that a manifest has, whatever its names are', async () => {
    const { makeAgentTree } = await import('../../vault/fixtures.ts');
    const root = join(folder, 'root');
    mkdirSync(root);
    makeAgentTree(root);
    const manifest = join(folder, 'manifest.jsonl');
    await writeManifest(root, manifest);
    const script = renderScript(facts());
    const digest = /^digest\(\) \{[\s\S]*?^\}/m.exec(script)?.[0] ?? '';
    const shell = spawnSync('sh', ['-c', `LC_ALL=C; export LC_ALL\n${digest}\ndigest "$1"`, 'sh', root], {
      encoding: 'utf8',
    });
    expect(shell.stdout.trim()).toBe(await sumsDigest(manifest));
  });

  it('returns a real repository and real data, keeps whatever was there, and run again changes nothing', async () => {
    const repository = join(folder, 'repository');
    const copy = join(folder, 'copy');
    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(repository, name)), { recursive: true });
      writeFileSync(join(repository, name), text);
    };
    mkdirSync(repository);
    await git(repository, 'init', '-q', '-b', 'main');
    for (const [name, text] of Object.entries({ 'app.js': 'one', 'sub/gone': 'kept', 'data/a': '{}' }))
      write(name, text);
    await git(repository, 'add', '.');
    await git(repository, 'commit', '-q', '-m', 'good');
    const commit = await git(repository, 'rev-parse', 'HEAD');
    cpSync(join(repository, 'data'), copy, { recursive: true });
    const manifest = join(folder, 'copy.jsonl');
    await writeManifest(copy, manifest);
    await git(repository, 'rm', '-q', 'sub/gone');
    write('new', 'of the experiment');
    await git(repository, 'add', 'new');
    await git(repository, 'commit', '-q', '-m', 'experiment');
    for (const [name, text] of Object.entries({
      'app.js': 'dirty',
      'sub/gone': 'untracked',
      'data/a': '{"b',
      'data/x': 'y',
    }))
      write(name, text);

    const digest = await sumsDigest(manifest);
    const put = { root: 'data', path: join(repository, 'data'), copy, digest, files: 1, bytes: 2 };
    const back = { commit, leaveOut: ['data'] };
    const bare = { experiment: [], stable: [], stopForData: [], probe: null };
    const script = renderScript(facts({ ...bare, git: back, restore: [put] }));
    const { status, stdout, stderr } = runWith(script, 'THE-DAEMON', '--yes');
    expect(stderr).toBe('');
    expect(status, stdout).toBe(0);

    const read = (name: string) => readFileSync(join(repository, name), 'utf8');
    expect(await git(repository, 'rev-parse', 'HEAD', 'rollback/script-1')).toBe(`${commit}\n${commit}`);
    expect(['app.js', 'sub/gone', 'data/a'].map(read)).toEqual(['one', 'kept', '{}']);
    const aside = ['app.js', 'sub/gone', 'new'].map((name) => read(`.git/rollback-script-1/${name}`));
    expect(aside).toEqual(['dirty', 'untracked', 'of the experiment']);
    expect(read('data.rollback-script-1.before/x')).toBe('y');
    expect(readFileSync(join(folder, 'kept/data/data/a'), 'utf8')).toBe('{"b');

    const again = runWith(script, 'THE-DAEMON', '--yes');
    expect(again.status, again.stderr).toBe(0);
    expect(again.stdout).toContain('the repository is at the checkpoint');
    expect(again.stdout).toContain('data is as in the checkpoint\n');
    expect(readFileSync(join(folder, 'kept/data/data/a'), 'utf8')).toBe('{"b');
  });
});
