import type { Output } from './output.ts';
import { renderChanges } from './render-changes.ts';
import { renderRollback } from './render-rollback.ts';
import type { RollbackView } from './rollback-reader.ts';

/** Where a rollback that is followed is shown: repainted on a terminal, one line per change elsewhere. */
export interface Screen {
  show(view: RollbackView, now: number): void;
  /** A line that stays, above what is repainted. */
  say(line: string): void;
  /** Takes away what would be repainted, so that a prompt can be shown. */
  clear(): void;
  /** The last state, which stays. */
  end(view: RollbackView, now: number): void;
}

export function screenFor(out: Output): Screen {
  return out.terminal ? repainted(out) : linewise(out);
}

/** With `--json` the lines go to stderr: stdout is for the one object at the end. */
function linewise(out: Output): Screen {
  let before: RollbackView | undefined;
  const tell = (lines: readonly string[]) => {
    if (out.json) for (const line of lines) out.aside(line);
    else out.lines(lines);
  };
  const show = (view: RollbackView, now: number) => {
    tell(renderChanges(before, view, out.style, now));
    before = view;
  };
  return { show, end: show, say: (line) => tell([line]), clear: () => undefined };
}

/** Cursor up and erase below; lines that wrap would be counted wrongly, so that wrapping is off while painting. */
function repainted(out: Output): Screen {
  let painted = 0;
  const paint = (lines: readonly string[]) => {
    const up = painted === 0 ? '' : `\u001b[${painted}A\r\u001b[0J`;
    painted = lines.length;
    const body = lines.length === 0 ? '' : `\u001b[?7l${lines.join('\n')}\n\u001b[?7h`;
    process.stdout.write(`${up}${body}`);
  };
  const cut = (lines: readonly string[]) => {
    const rows = Math.max(8, (process.stdout.rows || 24) - 1);
    // What is at work and what is asked stands at the end.
    return lines.length <= rows ? lines : [...lines.slice(0, 2), '…', ...lines.slice(lines.length - rows + 3)];
  };
  return {
    show: (view, now) => paint(cut(renderRollback(view, out.style, now, { allSteps: false }))),
    say: (line) => {
      paint([]);
      out.lines([line]);
    },
    clear: () => paint([]),
    end: (view, now) => {
      paint([]);
      out.lines(renderRollback(view, out.style, now, { allSteps: true }));
    },
  };
}
