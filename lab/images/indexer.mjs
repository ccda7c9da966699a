import { log, stopPromptly } from './http.mjs';
import { readDocuments } from './knowledge.mjs';

/** The experiment's indexer, a service under a profile: reads the store every few seconds, for ever. */

stopPromptly();
setInterval(async () => {
  try {
    log('INFO', `indexed ${(await readDocuments()).length} documents`);
  } catch (error) {
    log('ERROR', `not indexed: ${error instanceof Error ? error.message : String(error)}`);
  }
}, 2000);
log('INFO', 'indexer started');
