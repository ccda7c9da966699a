import { z } from 'zod';
import { targetFile } from './schema.ts';

/** JSON Schema of `rollback.yaml` for editors, made from the schema that checks it. */
export function jsonSchema(): object {
  return {
    ...z.toJSONSchema(targetFile, { io: 'input', unrepresentable: 'any' }),
    title: 'Target of durable-rollback (rollback.yaml)',
  };
}
