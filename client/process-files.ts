import { join } from 'node:path';
import { z } from 'zod';
import type { Relief, ServerInfo, UpResult, WorkerInfo } from '../contract/processes.ts';
import { readIfThere } from '../vault/durable-file.ts';
import { processesSupported, processStart } from '../vault/processes.ts';
import { ClientFailure } from './failures.ts';

/** What the embedded processes leave in the state root (contract/processes.ts), parsed at this edge. */
const serverSchema = z.object({
  format: z.literal(1),
  pid: z.number(),
  pidStart: z.string(),
  address: z.string(),
  ui: z.string().nullable(),
  namespace: z.string(),
  cliVersion: z.string(),
  startedAt: z.string(),
  log: z.string(),
}) satisfies z.ZodType<ServerInfo>;

const workerSchema = z.object({
  format: z.literal(1),
  pid: z.number(),
  pidStart: z.string(),
  environment: z.string(),
  taskQueue: z.string(),
  address: z.string(),
  namespace: z.string(),
  bundleHash: z.string(),
  startedAt: z.string(),
  log: z.string(),
}) satisfies z.ZodType<WorkerInfo>;

const upSchema = z.object({
  server: z.object({ info: serverSchema.nullable(), action: z.enum(['adopted', 'started', 'configured']) }),
  worker: z.object({ info: workerSchema, action: z.enum(['adopted', 'started', 'replaced']) }),
  supervised: z.boolean(),
}) satisfies z.ZodType<UpResult>;

const reliefSchema = z.object({
  paused: z.array(z.string()),
  notPaused: z.array(z.object({ name: z.string(), why: z.string() })),
  freedBytes: z.number(),
}) satisfies z.ZodType<Relief>;

export function readServerFile(stateRoot: string): ServerInfo | undefined {
  return parseFile(join(stateRoot, 'server', 'server.json'), serverSchema);
}

export function readWorkerFile(stateRoot: string, environment: string): WorkerInfo | undefined {
  return parseFile(join(stateRoot, environment, 'worker.json'), workerSchema);
}

export function parseRelief(text: string): Relief {
  return reliefSchema.parse(JSON.parse(text));
}

export function parseUp(text: string): UpResult {
  return upSchema.parse(JSON.parse(text));
}

/** This very process lives; a later one with the same pid is not it. Where the system cannot tell, undefined. */
export function isAlive(info: { readonly pid: number; readonly pidStart: string }): boolean | undefined {
  return processesSupported ? processStart(info.pid) === info.pidStart : undefined;
}

function parseFile<T>(path: string, schema: z.ZodType<T>): T | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new ClientFailure('unexpected', `${path} cannot be read as what it should be; nothing was done with it.`, {
      next: ['Move it away; rollback up writes it anew.'],
      cause: error,
    });
  }
}
