/** What a lab's systems know. Expected answers are computed from these tables, never copied from a server. */

export interface Skill {
  readonly name: string;
  readonly description: string;
  /** Words of a question that call for this skill. */
  readonly triggers: readonly string[];
}

export const skills: readonly Skill[] = [
  { name: 'code-review', description: 'Reads a change and says what is wrong with it.', triggers: ['review'] },
  { name: 'data-analysis', description: 'Finds what the numbers say.', triggers: ['data', 'numbers'] },
  { name: 'deploy-guide', description: 'Knows how a release goes out.', triggers: ['deploy', 'release'] },
  { name: 'incident-notes', description: 'Keeps the notes of an incident.', triggers: ['incident'] },
  { name: 'memory-recall', description: 'Remembers what was decided.', triggers: ['remember', 'decided'] },
  { name: 'test-writer', description: 'Writes the test that was missing.', triggers: ['test'] },
];

export interface Document {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Words of a question that this document answers. */
  readonly keywords: readonly string[];
}

export const documents: readonly Document[] = [
  {
    id: 'deploy-rules',
    title: 'Rules of deployment',
    text: 'A release goes out behind a flag and comes back by a tag.',
    keywords: ['deploy', 'release'],
  },
  {
    id: 'incident-2025-11',
    title: 'Incident of November',
    text: 'The index was rebuilt from the wrong folder and nobody noticed for a day.',
    keywords: ['incident'],
  },
  {
    id: 'self-test',
    title: 'Self test',
    text: 'The system answers from its own documents.',
    keywords: ['test'],
  },
  {
    id: 'team',
    title: 'The team',
    text: 'Decisions are written down where the next agent finds them.',
    keywords: ['team', 'decided'],
  },
];

/** A document that comes into the store in normal life, after the checkpoint. */
export const laterDocument: Document = {
  id: 'holiday-plan',
  title: 'Holiday plan',
  text: 'The office is closed in the last week of the year.',
  keywords: ['holiday'],
};

export const persona = { name: 'SMP', signature: 'SMP, from its own notes' } as const;

/** The runbook's own question, and one that needs several skills and documents at once. */
export const queries = {
  basic: 'test query',
  complex: 'Review the deploy and analyse the data of the incident',
} as const;

export interface Answer {
  readonly answer: string;
  readonly skills: readonly string[];
  readonly sources: readonly string[];
  readonly signature: string;
}

/** The right answer, by the rule that the servers follow (images/knowledge.mjs). */
export function rightAnswer(query: string): Answer {
  const words = new Set(query.toLowerCase().match(/[a-z0-9]+/g) ?? []);
  const sources = documents.filter((document) => document.keywords.some((word) => words.has(word)));
  return {
    answer: sources.map((document) => document.text).join(' ') || 'No document answers this.',
    skills: skills.filter((skill) => skill.triggers.some((word) => words.has(word))).map((skill) => skill.name),
    sources: sources.map((document) => document.id),
    signature: persona.signature,
  };
}
