/** What stands at the start of a line with timestamps: enough for the engine's form of an instant. */
const stampBytes = 40;

/** Follows a log stream by lines, without keeping it: where it stands, and from which instant it can go on. */
export class LogLines {
  /** Latest instant of the lines that came whole, as the engine wrote it (nanoseconds). */
  last: string | null = null;
  count = 0;
  #head = Buffer.alloc(0);

  see(bytes: Buffer): void {
    let at = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
      this.#take(bytes.subarray(at, end));
      const stamp = stampOf(this.#head);
      // The engine reads both streams of a container at once: their lines may stand a moment out of order.
      if (stamp !== null && (this.last === null || stamp > this.last)) this.last = stamp;
      this.count += 1;
      this.#head = Buffer.alloc(0);
      at = end + 1;
    }
    this.#take(bytes.subarray(at));
  }

  #take(bytes: Buffer): void {
    const room = stampBytes - this.#head.length;
    if (room > 0 && bytes.length > 0) this.#head = Buffer.concat([this.#head, bytes.subarray(0, room)]);
  }
}

/** The engine's instant at the start of a line; the same length always, so that instants compare as text. */
export function stampOf(line: Buffer): string | null {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z(?= |$)/.exec(line.subarray(0, stampBytes).toString('latin1'))?.[0] ?? null
  );
}

/** Passes on what comes after the lines up to an instant: `since` of the engine takes in its own instant. */
export class AfterStamp {
  readonly #after: string | null;
  #rest = Buffer.alloc(0);
  #passed: boolean;

  constructor(after: string | null) {
    this.#after = after;
    this.#passed = after === null;
  }

  take(bytes: Buffer): Buffer {
    if (this.#passed) return bytes;
    let all = Buffer.concat([this.#rest, bytes]);
    while (all.length > 0) {
      const end = all.indexOf(10);
      // A line without an end yet is decided by its stamp, as soon as that is whole.
      if (end < 0 && all.length < stampBytes) break;
      const stamp = stampOf(all);
      if (stamp === null || stamp > (this.#after ?? '')) {
        this.#passed = true;
        this.#rest = Buffer.alloc(0);
        return all;
      }
      if (end < 0) break;
      all = all.subarray(end + 1);
    }
    this.#rest = Buffer.from(all);
    return Buffer.alloc(0);
  }

  /** What waited for its line's end. */
  end(): Buffer {
    return this.#passed || (stampOf(this.#rest) ?? '') <= (this.#after ?? '') ? Buffer.alloc(0) : this.#rest;
  }
}
