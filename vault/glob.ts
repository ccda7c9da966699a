/**
 * Patterns over path bytes: `*` and `?` stay within a component, `**` crosses them, `[abc]` and `{a,b}` choose. A
 * pattern without a slash matches the last component anywhere, as in .gitignore, where a slash at the end does not
 * count; `/name` only at the root. Names are bytes, so both sides are compared byte for byte (as latin1), and no name
 * can be an option or a pattern itself.
 */
export type PathMatcher = (path: Buffer) => boolean;

/** Matches when any of the patterns does; no pattern matches nothing. */
export function matcherOf(patterns: readonly string[]): PathMatcher {
  const compiled = patterns.map(compile);
  return (path) => {
    const text = path.toString('latin1');
    return compiled.some((pattern) => pattern.test(text));
  };
}

/**
 * What is left of a path without what a pattern's end, after its last `*`, took of it: `*.backup` makes `x.backup` into
 * `x`, `*.{bak,old}` either. Undefined when the path does not end so, or nothing of its name is left.
 */
export function withoutEnding(pattern: string): (path: Buffer) => Buffer | undefined {
  const ending = Buffer.from(pattern.slice(pattern.lastIndexOf('*') + 1), 'utf8').toString('latin1');
  const ends = new RegExp(`^((?:.*/)?[^/]+)${translate(ending)}$`, 's');
  return (path) => {
    const rest = ending === '' ? undefined : ends.exec(path.toString('latin1'))?.[1];
    return rest === undefined ? undefined : Buffer.from(rest, 'latin1');
  };
}

function compile(written: string): RegExp {
  const pattern = written.replace(/(?<=.)\/+$/, '');
  const bytes = Buffer.from(pattern.replace(/^\.?\//, ''), 'utf8').toString('latin1');
  const anywhere = pattern.includes('/') ? '' : '(?:.*/)?';
  return new RegExp(`^${anywhere}${translate(bytes)}$`, 's');
}

function translate(pattern: string): string {
  let out = '';
  let depth = 0;
  for (let index = 0; index < pattern.length; index += 1) {
    const rest = pattern.slice(index);
    const choice = /^\[([!^]?)([^\]]+)\]/.exec(rest);
    if (rest.startsWith('**/')) {
      out += '(?:.*/)?';
      index += 2;
    } else if (rest.startsWith('**')) {
      out += '.*';
      index += 1;
    } else if (rest.startsWith('*')) out += '[^/]*';
    else if (rest.startsWith('?')) out += '[^/]';
    else if (choice !== null) {
      out += `[${choice[1] === '' ? '' : '^'}${(choice[2] ?? '').replaceAll(/[\\[\]^]/g, '\\$&')}]`;
      index += choice[0].length - 1;
    } else if (rest.startsWith('{') && rest.includes('}')) {
      out += '(?:';
      depth += 1;
    } else if (rest.startsWith('}') && depth > 0) {
      out += ')';
      depth -= 1;
    } else if (rest.startsWith(',') && depth > 0) out += '|';
    else out += rest.charAt(0).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  return out;
}
