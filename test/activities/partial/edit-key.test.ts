import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readKey, writeKey } from '../../../activities/partial/switches/edit-key.ts';

describe('a key in an env file', () => {
  const text = '# who answers\nexport ROUTE = "both"\nPORT=1\n';

  it('is set in its line; every other line stays', () => {
    const after = writeKey(text, 'env', { key: 'ROUTE', value: 'stable' });
    expect(after).toBe('# who answers\nexport ROUTE =stable\nPORT=1\n');
    expect(readKey(text, 'env', 'ROUTE')).toBe('both');
  });

  it('is added at the end where it is missing, and taken out again', () => {
    const after = writeKey(text, 'env', { key: 'MODE', value: true });
    expect(after).toBe(`${text}MODE=true\n`);
    expect(writeKey(after, 'env', { key: 'MODE', value: undefined })).toBe(text);
  });

  it('is read from its last assignment, as a shell would', () => {
    expect(readKey('A=1\nA=2\n', 'env', 'A')).toBe('2');
  });
});

describe('a key in a YAML file', () => {
  it('is set with comments and order as they were', () => {
    const text = 'routes:\n  # the whole traffic\n  default: both # for now\n  other: 1\n';
    const after = writeKey(text, 'yaml', { key: '/routes/default', value: 'stable' });
    expect(after).toBe(text.replace('both', 'stable'));
  });
});

describe('a file that is not what the target says', () => {
  it.each(['[1, 2]', 'just words', '{"a": ', 'a: b: c'])('%j is refused', (text) => {
    expect(() => readKey(text, 'json', '/a')).toThrow(/no json/);
  });

  it('is refused where the key is no single value', () => {
    expect(() => readKey('{"a": {"b": 1}}', 'json', '/a')).toThrow(/no single value/);
  });
});

const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
const value = fc.oneof(fc.boolean(), fc.integer(), fc.stringMatching(/^[a-z0-9-]{1,12}$/));

it('is read back as it was written, and what was before comes back to the byte', () => {
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1 }), key, value, (object, name, next) => {
      const text = `${JSON.stringify(object, null, 2)}\n`;
      const pointer = `/${name}`;
      const before = readKey(text, 'json', pointer);
      const after = writeKey(text, 'json', { key: pointer, value: next });
      expect(readKey(after, 'json', pointer)).toBe(next);
      expect(writeKey(after, 'json', { key: pointer, value: before })).toBe(text);
    }),
  );
});
