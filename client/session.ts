import type { PlaceOptions } from './command.ts';
import type { Connected } from './connect.ts';
import { connect, connectUp } from './connect.ts';
import type { Place } from './environment.ts';
import { toFailure } from './failures.ts';
import type { Output } from './output.ts';
import { RollbackReader } from './rollback-reader.ts';

/** What a command that talks to the server has in its hands. */
export interface Session {
  readonly place: Place;
  readonly connected: Connected;
  readonly reader: RollbackReader;
  readonly out: Output;
}

export interface SessionOptions {
  readonly place: Place;
  readonly options: PlaceOptions;
  readonly out: Output;
  /** Brings the embedded server and worker up first, where no other server is configured. */
  readonly bringUp?: boolean;
}

/**
 * Connects, hands the session over, and closes it whatever happens.
 * @throws ClientFailure `no-server`, and whatever `use` throws
 */
export async function withSession<T>(wanted: SessionOptions, use: (session: Session) => Promise<T>): Promise<T> {
  const { place, options, out } = wanted;
  const connected = wanted.bringUp === true ? await connectUpTelling(wanted) : await connect(place, options);
  try {
    return await use({ place, connected, reader: new RollbackReader(connected, place), out });
  } finally {
    await connected.close();
  }
}

/** What comes to light about the worker after the fast path has gone ahead is told, and stops nothing. */
async function connectUpTelling({ place, options, out }: SessionOptions): Promise<Connected> {
  const { settled, ...connected } = await connectUp(place, options);
  settled.catch((error: unknown) => out.aside(`The worker is not in order: ${toFailure(error).message}`));
  return connected;
}
