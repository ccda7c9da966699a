/**
 * No payload grows with the data (design §3): what an act lists in words is cut before it enters a history. The journal
 * and the evidence have all of it.
 */
export const mostTextLength = 2_000;
const mostListed = 20;

export function boundedText(text: string): string {
  const over = text.length - mostTextLength;
  return over <= 0 ? text : `${text.slice(0, mostTextLength)} … (${over} characters more; the journal has all of it)`;
}

export function boundedResult<R extends { readonly reason: string }>(result: R): R {
  return { ...result, reason: boundedText(result.reason) };
}

/** The data of a failure with its lists and texts cut; what is nested deeper is left as it is. */
export function boundedData(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const cut = (value: unknown): unknown => {
    if (typeof value === 'string') return boundedText(value);
    if (Array.isArray(value)) return value.slice(0, mostListed).map(cut);
    return value;
  };
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, cut(value)]));
}
