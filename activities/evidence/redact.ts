/** Words after which a value on a command line or in a label is a secret. */
const secretWords = /(pass(word|wd|phrase)?|secret|token|api[-_]?key|credential|private[-_]?key|authorization)/i;

const mark = '[redacted]';

/**
 * The same facts without secrets (design §4.12): values of environment variables, what follows a word such as
 * `--password`, credentials in addresses. Rather too much than too little: the raw file is beside it, for its owner.
 */
export function redact(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return secretWords.test(key) ? mark : redactText(value);
  if (Array.isArray(value)) {
    if (key === 'Env') return value.map((each: unknown) => (typeof each === 'string' ? redactVariable(each) : mark));
    return value.map((each: unknown, n) => {
      const before: unknown = value[n - 1];
      const option = typeof before === 'string' && /^--?[\w-]+$/.test(before) && secretWords.test(before);
      return option && typeof each === 'string' ? mark : redact(each);
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, redact(each, name)]));
}

function redactVariable(variable: string): string {
  const [name = ''] = variable.split('=', 1);
  return variable.includes('=') ? `${name}=${mark}` : variable;
}

const assigned = new RegExp(`([\\w-]*${secretWords.source}[\\w-]*["']?\\s*[=:]\\s*)("[^"]*"|'[^']*'|\\S+)`, 'gi');
/** One line of a process list: option and value stand beside each other. */
const optioned = new RegExp(`(--?[\\w-]*${secretWords.source}[\\w-]*\\s+)(\\S+)`, 'gi');

function redactText(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, `$1${mark}@`)
    .replaceAll(assigned, (_all, head: string) => `${head}${mark}`)
    .replaceAll(optioned, (_all, head: string) => `${head}${mark}`);
}
