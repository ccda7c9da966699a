/**
 * Names that somebody may have meant, best first: the same last name elsewhere, then those with the fewest letters
 * changed (Levenshtein). Nothing that has too little in common.
 */
export function nearNames(wanted: string, known: Iterable<string>, most = 5): readonly string[] {
  const last = lastOf(wanted);
  const scored: { readonly name: string; readonly distance: number }[] = [];
  for (const name of known) {
    const other = lastOf(name);
    const distance = other === last ? 0 : editDistance(last, other);
    if (distance <= Math.max(1, Math.floor(last.length / 3))) scored.push({ name, distance });
  }
  return scored
    .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
