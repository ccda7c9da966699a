/** Names of the verdicts, best first. */
export type VerdictName = 'restored' | 'restored-with-exceptions' | 'not-proven' | 'failed';

/**
 * What the rollback itself knows can only lower the verdict that was read from the world: steps left out by decision
 * are exceptions; a rollback that was cancelled or given up has not proven what it did not attempt.
 */
export function capVerdict(
  seen: { readonly verdict: VerdictName; readonly reasons: readonly string[] },
  ending: 'finished' | 'cancelled' | 'gave-up',
  caveats: readonly string[],
): { readonly verdict: VerdictName; readonly reasons: readonly string[] } {
  const reasons = [
    ...seen.reasons,
    ...caveats,
    ...(ending === 'cancelled' ? ['Cancelled before its end: later steps were not attempted.'] : []),
  ];
  const cap: VerdictName =
    ending !== 'finished' ? 'not-proven' : caveats.length > 0 ? 'restored-with-exceptions' : 'restored';
  return { verdict: worse(seen.verdict, cap), reasons };
}

const order: readonly VerdictName[] = ['restored', 'restored-with-exceptions', 'not-proven', 'failed'];

function worse(a: VerdictName, b: VerdictName): VerdictName {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
