import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { ManifestDamaged } from '../errors.ts';
import { decodeEntry, type ManifestEntry, manifestFormat } from './entry.ts';
import type { ManifestSummary } from './write.ts';

const headerSchema = z.object({ manifest: z.int(), xattrs: z.enum(['read', 'unread']) });

const footerSchema = z.object({
  end: z.object({
    rootHash: z.string(),
    contentHash: z.string(),
    entries: z.int(),
    files: z.int(),
    dirs: z.int(),
    bytes: z.int(),
    unreadable: z.int(),
    changing: z.int(),
    xattrs: z.enum(['read', 'unread']),
    otherFilesystems: z.array(z.string()),
  }),
});

/**
 * Entries of a manifest in canonical order, as a stream. Damage shows at the latest at the end, where the lines are
 * compared with the root hash: whoever acts on entries calls {@link checkManifest} first.
 * @throws ManifestDamaged
 */
export async function* readManifest(file: string): AsyncGenerator<ManifestEntry> {
  for await (const item of readItems(file)) if (item.entry !== undefined) yield item.entry;
}

/**
 * Reads a manifest to its end and proves that it is the one that was written.
 * @throws ManifestDamaged; ENOENT when there is none
 */
export async function checkManifest(file: string): Promise<ManifestSummary> {
  let summary: ManifestSummary | undefined;
  for await (const item of readItems(file)) summary = item.summary ?? summary;
  if (summary === undefined) throw new ManifestDamaged({ path: file, line: 1, why: 'it is empty' });
  return summary;
}

/** Whether a manifest knows extended attributes: without the tool to read them they are not known, not absent. */
export async function knowsXattrs(file: string): Promise<boolean> {
  for await (const { xattrs } of readItems(file)) return xattrs === 'read';
  return false;
}

/** The header, an entry, or the footer. */
interface Item {
  readonly xattrs?: 'read' | 'unread';
  readonly entry?: ManifestEntry;
  readonly summary?: ManifestSummary;
}

async function* readItems(file: string): AsyncGenerator<Item> {
  const hash = createHash('sha256');
  const stream = createReadStream(file);
  let line = 0;
  let ended = false;
  try {
    for await (const text of linesOf(stream)) {
      line += 1;
      if (ended) throw new ManifestDamaged({ path: file, line, why: 'something follows the end' });
      if (line === 1) yield { xattrs: checkHeader(file, text) };
      else if (text.startsWith('{"end":')) {
        const { end } = parseLine(file, line, () => footerSchema.parse(JSON.parse(text)));
        if (hash.digest('hex') !== end.rootHash) {
          throw new ManifestDamaged({ path: file, line, why: 'the lines do not give the root hash' });
        }
        ended = true;
        yield { summary: { path: file, ...end } };
      } else {
        hash.update(`${text}\n`);
        yield { entry: parseLine(file, line, () => decodeEntry(text)) };
      }
    }
  } finally {
    stream.destroy();
  }
  if (!ended) throw new ManifestDamaged({ path: file, line, why: 'its end is missing' });
}

async function* linesOf(stream: ReturnType<typeof createReadStream>): AsyncGenerator<string> {
  // Only "\n" ends a line here; readline also takes U+2028 and "\r", which names may hold.
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

function checkHeader(file: string, text: string): 'read' | 'unread' {
  const { manifest, xattrs } = parseLine(file, 1, () => headerSchema.parse(JSON.parse(text)));
  if (manifest > manifestFormat) {
    throw new ManifestDamaged({ path: file, line: 1, why: `it is of the later format ${manifest}` });
  }
  return xattrs;
}

function parseLine<T>(path: string, line: number, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ManifestDamaged({ path, line, why: error instanceof Error ? error.message : String(error) });
  }
}
