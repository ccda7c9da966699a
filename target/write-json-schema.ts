import { writeFileSync } from 'node:fs';
import { jsonSchema } from './json-schema.ts';

/** Writes the JSON Schema to the given file; a test says when the committed one is out of date. */
const [file = 'target/rollback.schema.json'] = process.argv.slice(2);
writeFileSync(file, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
