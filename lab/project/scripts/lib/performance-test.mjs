import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, isGoodAnswer, median, project } from './smp.mjs';

/**
 * Asks the same question a number of times. `--record` keeps the median as the baseline; `--baseline` compares with it
 * and fails from five times as slow on (with a floor, since a few milliseconds say nothing).
 */

const samples = 20;
const floorMs = 250;
const baselineFile = join(project, 'performance-baseline.json');

const times = [];
let errors = 0;
for (let n = 0; n < samples; n += 1) {
  const answer = await ask('POST', '/api/chat', { query: 'test query', stream: false });
  if (isGoodAnswer(answer)) times.push(answer.ms);
  else errors += 1;
}
const result = { samples, errors, medianMs: Number(median(times).toFixed(2)) };
console.log(JSON.stringify(result));
if (errors > 0) fail(`${errors} of ${samples} answers were not good`);
if (process.argv.includes('--record')) writeFileSync(baselineFile, `${JSON.stringify(result)}\n`);
if (process.argv.includes('--baseline')) compare();

function compare() {
  if (!existsSync(baselineFile)) fail(`there is no baseline in ${baselineFile}`);
  const { medianMs } = JSON.parse(readFileSync(baselineFile, 'utf8'));
  const limit = Math.max(medianMs * 5, floorMs);
  console.log(`baseline ${medianMs} ms, limit ${limit} ms`);
  if (result.medianMs > limit) fail(`median ${result.medianMs} ms is above ${limit} ms`);
}

function fail(text) {
  console.error(`FAILED ${text}`);
  process.exit(1);
}
