import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What both systems know: skills and memory from the project's `.agent`, the persona from the agent's home, documents
 * from the store. Read anew for every question: wrong data give wrong answers, missing data give fewer.
 */

const agentRoot = process.env['AGENT_ROOT'] ?? '/project/.agent';
const geminiRoot = process.env['GEMINI_ROOT'] ?? '/home/agent/.gemini';
const store = process.env['STORE_URL'] ?? 'http://store:7000';

/** @throws Error naming the file when a skill cannot be used */
export async function readSkills() {
  const folder = join(agentRoot, 'skills');
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readSkill(join(folder, name))));
}

async function readSkill(folder) {
  const manual = await readFile(join(folder, 'SKILL.md'), 'utf8');
  if (manual.trim() === '') throw new Error(`${folder}/SKILL.md is empty`);
  const skill = await readJson(join(folder, 'skill.json'));
  if (skill.format !== 'smp/1') throw new Error(`${folder}/skill.json has the unknown format ${skill.format}`);
  return skill;
}

export async function readPersona() {
  const { persona } = await readJson(join(geminiRoot, 'settings.json'));
  if (typeof persona?.signature !== 'string') throw new Error(`${geminiRoot}/settings.json names no persona`);
  return persona;
}

/** Every file of the agents' memory must be usable; their count is part of what the system says of itself. */
export async function countMemories() {
  const folder = join(agentRoot, 'memory');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  await Promise.all(names.map((name) => readJson(join(folder, name))));
  return names.length;
}

export async function readDocuments() {
  const response = await fetch(`${store}/documents`, { signal: AbortSignal.timeout(3000) });
  const body = await response.json();
  if (!response.ok) throw new Error(`the store says: ${body.error}`);
  return body.documents;
}

export async function writeDocument(id, document) {
  const response = await fetch(`${store}/documents/${encodeURIComponent(id)}`, {
    method: 'PUT',
    body: JSON.stringify(document),
    signal: AbortSignal.timeout(3000),
  });
  const body = await response.json();
  return { status: response.status, body };
}

/** What is wrong with the data, or how much of them there is. */
export async function examine() {
  const parts = { skills: readSkills, persona: readPersona, memories: countMemories, documents: readDocuments };
  const problems = [];
  const found = {};
  for (const [part, read] of Object.entries(parts)) {
    try {
      const value = await read();
      found[part] = Array.isArray(value) ? value.length : value;
    } catch (error) {
      problems.push(`${part}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (found.skills === 0) problems.push('skills: there is none');
  return { problems, skills: found.skills, memories: found.memories, documents: found.documents };
}

/** The answer of both systems: the documents that share a word with the question, the skills that it triggers. */
export async function answerTo(query) {
  const words = new Set(query.toLowerCase().match(/[a-z0-9]+/g) ?? []);
  const [skills, documents, persona] = [await readSkills(), await readDocuments(), await readPersona()];
  const sources = documents.filter((document) => document.keywords.some((word) => words.has(word)));
  const texts = sources.map((document) => document.text);
  return {
    answer: texts.length === 1 ? texts[0] : texts.join(' ') || 'No document answers this.',
    skills: skills.filter((skill) => skill.triggers.some((word) => words.has(word))).map((skill) => skill.name),
    sources: sources.map((document) => document.id),
    signature: persona.signature,
  };
}

async function readJson(path) {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path} is not JSON`);
  }
}
