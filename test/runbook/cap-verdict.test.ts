import { describe, expect, it } from 'vitest';
import { capVerdict, type VerdictName } from '../../runbook/cap-verdict.ts';

const verdicts: readonly VerdictName[] = ['restored', 'restored-with-exceptions', 'not-proven', 'failed'];
const seen = (verdict: VerdictName) => ({ verdict, reasons: ['as seen'] });

describe('what the rollback itself knows', () => {
  it.each(verdicts)('leaves %s as it was seen when all was carried out', (verdict) => {
    expect(capVerdict(seen(verdict), 'finished', [])).toEqual({ verdict, reasons: ['as seen'] });
  });

  it('makes a step that was left out an exception, and names it', () => {
    expect(capVerdict(seen('restored'), 'finished', ['left out: skills'])).toEqual({
      verdict: 'restored-with-exceptions',
      reasons: ['as seen', 'left out: skills'],
    });
  });

  it.each(['cancelled', 'gave-up'] as const)('proves nothing better than not-proven after %s', (ending) => {
    expect(verdicts.map((verdict) => capVerdict(seen(verdict), ending, []).verdict)).toEqual([
      'not-proven',
      'not-proven',
      'not-proven',
      'failed',
    ]);
  });

  it('never makes a verdict better than the world is', () => {
    for (const verdict of verdicts) {
      for (const ending of ['finished', 'cancelled', 'gave-up'] as const) {
        for (const caveats of [[], ['left out: skills']]) {
          const capped = capVerdict(seen(verdict), ending, caveats).verdict;
          expect(verdicts.indexOf(capped)).toBeGreaterThanOrEqual(verdicts.indexOf(verdict));
        }
      }
    }
  });

  it('says that it was cancelled', () => {
    expect(capVerdict(seen('restored'), 'cancelled', []).reasons.at(-1)).toMatch(/^Cancelled before its end/);
  });
});
