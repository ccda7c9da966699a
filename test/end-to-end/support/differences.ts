/** What differs between two values, one line for each leaf: `path: what it was → what it is`. */
export function differences(was: unknown, is: unknown, path = ''): readonly string[] {
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  if (isList(was) && isList(is)) return [...missingFrom(is, was, path, '-'), ...missingFrom(was, is, path, '+')];
  if (!isRecord(was) || !isRecord(is)) return [`${path}: ${JSON.stringify(was)} → ${JSON.stringify(is)}`];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
    differences(was[key], is[key], path === '' ? key : `${path}.${key}`),
  );
}

/** Lists here are sets of names: what one has and the other has not. */
function missingFrom(list: readonly unknown[], other: readonly unknown[], path: string, sign: string) {
  const there = new Set(list.map((one) => JSON.stringify(one)));
  return other.filter((one) => !there.has(JSON.stringify(one))).map((one) => `${path}: ${sign} ${JSON.stringify(one)}`);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
