import { setTimeout as wait } from 'node:timers/promises';
import { argument, ask, isGoodAnswer, median } from './smp.mjs';

/** Watches the system for `--duration` seconds; any answer that is not good is trouble. */

const seconds = Number(argument('--duration') ?? 300);
if (!(seconds > 0)) {
  console.error('--duration needs a number of seconds');
  process.exit(2);
}
const end = performance.now() + seconds * 1000;
const times = [];
let errors = 0;
do {
  const answer = await ask('POST', '/api/chat', { query: 'test query', stream: false });
  if (isGoodAnswer(answer)) times.push(answer.ms);
  else {
    errors += 1;
    console.error(`TROUBLE status ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  await wait(250);
} while (performance.now() < end);
console.log(JSON.stringify({ seconds, answers: times.length, errors, medianMs: Number(median(times).toFixed(2)) }));
process.exit(errors === 0 ? 0 : 1);
