import { styleText } from 'node:util';
import type { Checklist } from '../../activities/documentation/write-checklist.ts';

/** What people see of the demo: titles, lines of commands, the checklist. */
export interface Screen {
  title(text: string): void;
  say(text: string): void;
  /** A line that a command printed. */
  quote(line: string): void;
  typed(command: readonly string[]): void;
  /** Whoever still says something is stopped by an error: the demo is over, and so is its story. */
  close(): void;
}

export function screenOn(stream: NodeJS.WriteStream): Screen {
  const colours = stream.isTTY && process.env['NO_COLOR'] === undefined;
  const paint = (format: Parameters<typeof styleText>[0], text: string) => (colours ? styleText(format, text) : text);
  let open = true;
  const print = (text: string) => {
    if (!open) throw new Error('The demo is over.');
    stream.write(`${text}\n`);
  };
  const began = performance.now();
  const clock = () => `${((performance.now() - began) / 1000).toFixed(0)} s`.padStart(5);
  return {
    close: () => {
      open = false;
    },
    title: (text) => print(`\n${paint('bold', text)}`),
    say: (text) => print(`${paint('dim', clock())}  ${text}`),
    quote: (line) => print(`       ${paint('dim', '│')} ${line}`),
    typed: (command) =>
      print(`${paint('dim', clock())}  ${paint('cyan', `$ rollback ${command.map(quoted).join(' ')}`)}`),
  };
}

function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word}'`;
}

const marks = { pass: '✔', fail: '✘', unknown: '?', 'needs-human': '☐', 'not-applicable': '–' } as const;

/** Every item with its measurement, by group. */
export function showChecklist(screen: Screen, { items }: Checklist): void {
  const groups = [...new Set(items.map(({ group }) => group))];
  for (const group of groups) {
    screen.quote(group);
    for (const { status, title, measured } of items.filter((item) => item.group === group)) {
      screen.quote(`  ${marks[status]} ${title}: ${measured}`);
    }
  }
}
