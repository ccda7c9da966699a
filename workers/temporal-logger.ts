import { inspect } from 'node:util';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { logLine } from './worker-log.ts';

/** What the SDK has to say, in our log; of its own it would write to streams that end the process when the disk is full. */
export function temporalLogger(): DefaultLogger {
  return new DefaultLogger('INFO', ({ level, message, meta }: LogEntry) =>
    logLine(`[${level}] ${message}${meta === undefined ? '' : ` ${inspect(meta, { breakLength: Infinity })}`}`),
  );
}
