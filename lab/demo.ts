import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Checklist } from '../activities/documentation/write-checklist.ts';
import { readIfThere } from '../vault/durable-file.ts';
import { chaos } from './chaos/chaos.ts';
import { removeLab } from './clean-up.ts';
import { keepReport } from './demo/keep-report.ts';
import { type Killed, killWorkerIn } from './demo/kill-worker.ts';
import { type DemoOptions, demoOptions, demoUsage } from './demo/options.ts';
import { type DemoPractice, practiceOn } from './demo/practice.ts';
import { type Screen, screenOn, showChecklist } from './demo/screen.ts';
import { type DemoStory, stories } from './demo/stories.ts';
import { Interrupted, untilInterrupted } from './demo/until-interrupted.ts';
import { faults } from './faults.ts';
import { createLab, type Lab } from './lab.ts';
import { newLabId } from './names.ts';
import { readEntry } from './registry.ts';

/**
 * `npm run demo`: a practice system in real containers is recorded, broken and rolled back by the `rollback` command
 * itself, its worker killed half-way. Ends 0 only when the verdict is `restored`.
 */
const exitCode = await main(process.argv.slice(2));
// What an interrupted demo has left waiting must not keep it from ending.
process.exit(exitCode);

async function main(argv: readonly string[]): Promise<number> {
  let options: DemoOptions | 'help';
  try {
    options = demoOptions(argv);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${demoUsage}`);
    return 2;
  }
  if (options === 'help') {
    process.stdout.write(demoUsage);
    return 0;
  }
  if (options.chaos !== null) {
    const { json, chaos: seeds } = options;
    const screen = screenOn(json ? process.stderr : process.stdout);
    return chaos(seeds, screen, (played) => json && tellJson(played));
  }
  return demo(options, () => screenOn(options.json ? process.stderr : process.stdout));
}

async function demo(wanted: DemoOptions, newScreen: () => Screen): Promise<number> {
  const id = newLabId();
  let options = wanted;
  let screen = newScreen();
  let code: number;
  let settled: Promise<void> | undefined;
  try {
    const told = screen;
    code = await untilInterrupted(() => tell(id, wanted, told));
  } catch (error) {
    screen.close();
    screen = newScreen();
    screen.title(`The demo did not get to its end: ${messageOf(error)}`);
    code = error instanceof Interrupted ? error.exitCode : 1;
    // Half a practice system is not what somebody wanted to keep, unless its failure is.
    if (error instanceof Interrupted) {
      options = { ...options, keep: false };
      settled = error.settled;
    }
  }
  return (await cleanUp(id, options, screen, settled)) ? code : code || 1;
}

async function tell(id: string, options: DemoOptions, screen: Screen): Promise<number> {
  const story = stories[options.scenario];
  const began = performance.now();

  screen.title('A practice system');
  const lab = await createLab({
    id,
    until: 'stable',
    composeCommand: options.compose,
    keep: options.keep,
    onProgress: screen.say,
  });
  const practice = practiceOn(lab);
  screen.say(`stable system on port ${lab.ports.stable}, compose ${lab.compose.choice}, folder ${lab.folder}`);
  await must(practice, screen, ['checkpoint', 'create', '--reason', 'before the experiment']);
  await lab.experimentUp();

  screen.title('It breaks');
  await breakIt(lab, story, screen);

  screen.title('What a rollback would do');
  await must(practice, screen, ['plan', '--scenario', options.scenario]);

  screen.title(`The rollback; its worker will be killed in ${story.killIn.phase}`);
  const { code, killed } = await rollBack(practice, story, screen);

  screen.title('The checklist');
  const checklist = checklistOf(practice);
  if (checklist === undefined) screen.say('There is none: the rollback did not get that far.');
  else showChecklist(screen, checklist);

  const seconds = Math.round((performance.now() - began) / 1000);
  const places = await placesOf(practice, options);
  screen.title(`${verdictText(code, checklist)} after ${seconds} s`);
  for (const place of places.lines) screen.say(place);
  if (killed === null) screen.say('The worker was not killed on the way: the demo has not shown what it should.');
  const ended = code === 0 && killed === null ? 1 : code;
  if (options.json)
    tellJson({
      lab: id,
      scenario: options.scenario,
      compose: lab.compose.choice,
      exitCode: ended,
      killed,
      seconds,
      verdict: checklist?.verdict ?? null,
      items: checklist?.items ?? [],
      report: places.report,
      ui: places.ui,
    });
  return ended;
}

async function breakIt(lab: Lab, story: DemoStory, screen: Screen): Promise<void> {
  for (const fault of story.faults) {
    await lab.breakIt(fault);
    screen.say(`${fault}: ${faults[fault].what}`);
  }
}

async function rollBack(
  practice: DemoPractice,
  story: DemoStory,
  screen: Screen,
): Promise<{ readonly code: number; readonly killed: Killed | null }> {
  const command = [...story.command, '--reason', story.reason];
  screen.typed(command);
  let over = false;
  const following = practice.rollback(command, screen.quote).finally(() => {
    over = true;
  });
  const killed = await killWorkerIn(practice, story.killIn, () => over);
  if (killed !== null) {
    screen.say(`SIGKILL to the worker (pid ${killed.pid}) in ${killed.step}: nobody does the work now.`);
    await must(practice, screen, ['up']);
  }
  const { code } = await following;
  if (code <= 4) return { code, killed };
  // The follower left before the end (no worker for too long, say); the rollback itself goes on.
  screen.typed(['watch']);
  return { code: (await practice.rollback(['watch'], screen.quote)).code, killed };
}

/** @throws Error when the command fails: nothing after it would mean anything */
async function must(practice: DemoPractice, screen: Screen, args: readonly string[]): Promise<void> {
  screen.typed(args);
  const { code } = await practice.rollback(args, screen.quote);
  if (code !== 0) throw new Error(`"rollback ${args.join(' ')}" ended with code ${code}`);
}

function checklistOf(practice: DemoPractice): Checklist | undefined {
  const files = practice.files();
  const text = files === undefined ? undefined : readIfThere(join(files.reportDir, 'checklist.json'));
  return text === undefined ? undefined : (JSON.parse(text) as Checklist);
}

function verdictText(code: number, checklist: Checklist | undefined): string {
  return code === 0 ? 'RESTORED' : `NOT RESTORED (exit code ${code}, judged ${checklist?.verdict ?? 'not at all'})`;
}

interface Places {
  readonly report: string | null;
  readonly ui: string | null;
  readonly lines: readonly string[];
}

async function placesOf(practice: DemoPractice, { keep }: DemoOptions): Promise<Places> {
  const files = practice.files();
  const report = files === undefined ? null : keep ? files.reportDir : keepReport(files);
  const up = await practice.rollback(['up', '--json']);
  const ui = up.code === 0 ? uiIn(up.stdout) : null;
  return {
    report,
    ui,
    lines: [
      `report: ${report === null ? 'none' : join(report, 'incident-report.md')}`,
      `Temporal UI: ${ui ?? 'not there'}${keep ? '' : ' (until the practice system is removed; --keep leaves it)'}`,
    ],
  };
}

function uiIn(text: string): string | null {
  const found: unknown = JSON.parse(text);
  const match = /"ui":\s*"([^"]+)"/.exec(JSON.stringify(found));
  return match?.[1] ?? null;
}

function tellJson(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Containers, networks, volumes, images, processes, folder. @returns whether all went */
async function cleanUp(
  id: string,
  { keep }: DemoOptions,
  screen: Screen,
  settled: Promise<void> | undefined,
): Promise<boolean> {
  const entry = readEntry(id);
  if (entry === undefined) return true;
  if (keep) {
    screen.say(`The practice system stays: ${entry.folder}. Remove it with: node dist/lab/main.js down ${id}`);
    return true;
  }
  screen.say('removes the practice system');
  try {
    await removeLab(entry);
    if (settled === undefined) return true;
    // What the story was just making appears after it was looked for.
    await Promise.race([settled, wait(15_000)]);
    await removeLab(entry);
    return true;
  } catch (error) {
    screen.say(`It could not be removed whole, the next demo tries again: ${messageOf(error)}`);
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
