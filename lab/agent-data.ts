import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { persona, skills } from './content.ts';
import type { LabPaths } from './paths.ts';

/**
 * The agents' data, with everything in them that real ones have and that has broken a rollback before: links of every
 * kind, names that a shell splits, backups that are stale, empty or folders.
 */
export async function writeAgentData(paths: LabPaths, size: { readonly files: number }): Promise<void> {
  await writeSkills(paths);
  await writeSessions(paths);
  await writeMemory(paths, size.files);
  await writeLinks(paths);
  await writeBackups(paths);
}

/** The second data root, outside the repository. */
export async function writeGeminiData(paths: LabPaths): Promise<void> {
  await write(join(paths.gemini, 'settings.json'), json({ persona, theme: 'dark', telemetry: false }));
  await write(join(paths.gemini, 'GEMINI.md'), '# House rules\n\nAnswer from the documents. Say what is not known.\n');
  for (const day of ['2026-01-12', '2026-01-29']) {
    await write(
      join(paths.gemini, 'history', `${day}.json`),
      json({ day, turns: [{ asked: 'status', answered: true }] }),
    );
  }
  await write(
    join(paths.gemini, 'settings.json.backup'),
    json({ persona, theme: 'light', telemetry: true }),
    weeksAgo(5),
  );
}

async function writeSkills({ agent }: LabPaths): Promise<void> {
  for (const { name, description, triggers } of skills) {
    const skill = { format: 'smp/1', name, version: '1.4.0', description, triggers };
    await write(join(agent, 'skills', name, 'skill.json'), json(skill));
    await write(join(agent, 'skills', name, 'SKILL.md'), `# ${name}\n\n${description}\n`);
  }
}

/** Git-ignored: who works on what right now. */
async function writeSessions({ agent }: LabPaths): Promise<void> {
  const sessions = [
    { agent: 'planner', holds: 'backlog', since: '2026-01-30T08:12:00Z' },
    { agent: 'reviewer', holds: 'branch:main', since: '2026-01-30T09:40:00Z' },
  ];
  for (const session of sessions) {
    await write(join(agent, 'sessions', `${session.agent}.lock.json`), json(session));
  }
}

/** Git-ignored: what the agents remember. */
async function writeMemory({ agent }: LabPaths, files: number): Promise<void> {
  await write(join(agent, 'memory', 'decisions.json'), json({ decisions: ['tags are never moved'] }));
  await write(join(agent, 'memory', 'vocabulary.json'), json({ smp: 'skills, memory, plans' }));
  for (let n = 0; n < files; n += 1) {
    const path = join(agent, 'cache', `shard-${String(n % 100).padStart(2, '0')}`, `entry-${n}.json`);
    await write(path, json({ n, text: `entry ${n} `.repeat(20) }));
  }
}

async function writeLinks({ agent, gemini }: LabPaths): Promise<void> {
  const links = join(agent, 'links');
  await mkdir(links, { recursive: true });
  await symlink(join(gemini, 'settings.json'), join(links, 'settings-absolute'));
  await symlink('../skills/code-review', join(links, 'review-relative'));
  await symlink('loop-b', join(links, 'loop-a'));
  await symlink('loop-a', join(links, 'loop-b'));
  await symlink('nowhere', join(links, 'dangling'));
}

/** Old backups that must be read by nobody unasked, and consumed by nobody at all. */
async function writeBackups({ agent }: LabPaths): Promise<void> {
  const notes = join(agent, 'notes');
  for (const name of ['two words.md', '-f', 'line\nbreak.md', 'star*.md']) {
    await write(join(notes, name), `Note of today: ${JSON.stringify(name)}.\n`);
    await write(join(notes, `${name}.backup`), `Note of three weeks ago: ${JSON.stringify(name)}.\n`, weeksAgo(3));
  }
  await write(join(notes, 'empty.md'), 'This note is not empty.\n');
  await write(join(notes, 'empty.md.backup'), '', weeksAgo(3));
  const oldSession = { agent: 'planner', holds: 'backlog', since: '2026-01-02T07:00:00Z' };
  await write(join(agent, 'sessions', 'planner.lock.json.backup'), json(oldSession), weeksAgo(4));
  // A folder that is a backup: `mv` would move it into the living one.
  await write(join(agent, 'memory.backup', 'decisions.json'), json({ decisions: [] }), weeksAgo(3));
}

async function write(path: string, text: string, modified?: Date): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  if (modified !== undefined) await utimes(path, modified, modified);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function weeksAgo(weeks: number): Date {
  return new Date(Date.now() - weeks * 7 * 24 * 3600 * 1000);
}
