import { isMap, isScalar, parseDocument } from 'yaml';
import { ActFailure } from '../../kernel/failures.ts';

export type FileFormat = 'env' | 'json' | 'yaml';
export type KeyValue = string | number | boolean;

/** Undefined where the file has no such key. @throws ActFailure `refused` when the file cannot be read as its format */
export function readKey(text: string, format: FileFormat, key: string): KeyValue | undefined {
  if (format === 'env') return envLine(text, key)?.value;
  const value: unknown = documentOf(text, format).getIn(keysOf(key));
  if (value === undefined) return undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new ActFailure('refused', `${key} is no single value but a part of the file; nothing was changed.`);
}

/**
 * The file with one key set, or taken out when the value is undefined; everything else stays as people wrote it.
 * @throws ActFailure `refused` when the file cannot be read as its format
 */
export function writeKey(
  text: string,
  format: FileFormat,
  edit: { readonly key: string; readonly value: KeyValue | undefined },
): string {
  const { key, value } = edit;
  if (format === 'env') return writeEnv(text, key, value);
  const document = documentOf(text, format);
  if (value === undefined) document.deleteIn(keysOf(key));
  else document.setIn(keysOf(key), value);
  if (format === 'yaml') return document.toString({ lineWidth: 0 });
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  return `${JSON.stringify(document.toJS(), null, indent)}${text.endsWith('\n') ? '\n' : ''}`;
}

function documentOf(text: string, format: FileFormat) {
  // JSON is read as YAML, of which it is a part.
  const document = parseDocument(text, { uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined || (document.contents !== null && !isMap(document.contents)) || isScalar(document.contents)) {
    throw new ActFailure(
      'refused',
      `The file is no ${format} with keys: ${fault?.message ?? 'it holds a single value'}`,
    );
  }
  return document;
}

/** `/a/b~1c` → a, b/c (RFC 6901). */
function keysOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const assignment = /^(\s*(?:export\s+)?)([A-Za-z_][\w.-]*)(\s*=)(.*)$/;

/** The last assignment counts, as it does for whoever reads the file. */
function envLine(text: string, key: string): { readonly index: number; readonly value: string } | undefined {
  const lines = text.split('\n');
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const [, , name, , raw = ''] = assignment.exec(lines[index] ?? '') ?? [];
    if (name === key) return { index, value: raw.trim().replace(/^(['"])(.*)\1$/, '$2') };
  }
  return undefined;
}

function writeEnv(text: string, key: string, value: KeyValue | undefined): string {
  const lines = text.split('\n');
  const found = envLine(text, key);
  if (found === undefined) {
    if (value === undefined) return text;
    const end = lines.at(-1) === '' ? lines.length - 1 : lines.length;
    lines.splice(end, 0, `${key}=${value}`);
    return lines.join('\n');
  }
  if (value === undefined) lines.splice(found.index, 1);
  else
    lines[found.index] = (lines[found.index] ?? '').replace(
      assignment,
      (_line, before, name, equals) => `${before}${name}${equals}${value}`,
    );
  return lines.join('\n');
}
