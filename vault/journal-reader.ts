import { JournalDamaged } from './errors.ts';
import { decodeLine, type JournalRecord, journalFormat } from './journal-record.ts';

interface BadLine {
  readonly line: number;
  readonly offset: number;
  readonly why: string;
}

/** Takes the bytes of a journal as they come and keeps its records. Knows nothing of files. */
export class JournalReader {
  readonly #path: string;
  readonly #records: JournalRecord[] = [];
  readonly #seqs = new Map<string, number>();
  #rest: Buffer = Buffer.alloc(0);
  #lines = 0;
  #bytes = 0;
  /** First bad line that no seal has covered yet. */
  #bad: BadLine | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get bytesSeen(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0 || (this.#lines === 0 && this.#rest.length > 0);
  }

  /** Offset of the first byte that a seal must cover before anything is appended; undefined when all is whole. */
  get tornFrom(): number | undefined {
    if (this.#bad !== undefined) return this.#bad.offset;
    return this.#rest.length > 0 ? this.#bytes - this.#rest.length : undefined;
  }

  /** @throws JournalDamaged when a bad line is followed by anything but a seal */
  feed(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    const base = this.#bytes - this.#rest.length;
    this.#bytes += bytes.length;
    let start = 0;
    for (let end = all.indexOf(10); end !== -1; end = all.indexOf(10, start)) {
      this.#line(all.subarray(start, end).toString('utf8'), base + start);
      start = end + 1;
    }
    this.#rest = Buffer.from(all.subarray(start));
  }

  records(): readonly JournalRecord[] {
    return [...this.#records];
  }

  /** Line number of a line that was just appended. */
  lastSeqOf(line: string): number {
    const seq = this.#seqs.get(line.trimEnd());
    if (seq !== undefined) return seq;
    const [path, offset] = [this.#path, this.#bytes];
    throw new JournalDamaged({ path, line: this.#lines, offset, why: 'an append is missing' });
  }

  #line(text: string, offset: number): void {
    this.#lines += 1;
    // A seal puts a line end before itself: where the other writer had finished meanwhile, that line is empty.
    if (text === '') return;
    const decoded = decodeLine(text);
    if ('bad' in decoded) {
      // A seal can itself be torn: whether these lines may be passed over is decided by the seal that follows.
      this.#bad ??= { line: this.#lines, offset, why: decoded.bad };
      return;
    }
    const { line } = decoded;
    if (line.kind === 'seal') {
      if (this.#bad !== undefined && this.#bad.offset < line.from) this.#failOn(this.#bad);
      this.#bad = undefined;
      return;
    }
    this.#failOn(this.#bad);
    if (line.kind === 'header') {
      if (line.format > journalFormat)
        this.#failOn({ line: this.#lines, offset, why: `it is of the later format ${line.format}` });
      return;
    }
    if (this.#lines === 1) this.#failOn({ line: 1, offset, why: 'the header is missing' });
    this.#records.push({ ...line, seq: this.#lines });
    this.#seqs.set(text, this.#lines);
  }

  #failOn(bad: BadLine | undefined): void {
    if (bad !== undefined) throw new JournalDamaged({ path: this.#path, ...bad });
  }
}
