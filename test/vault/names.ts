import fc from 'fast-check';

const pieces = fc.oneof(
  fc.constantFrom(
    ' ',
    '\n',
    '*',
    '?',
    '-f',
    '--',
    '\\',
    '"',
    "'",
    '$(x)',
    ';',
    '\t',
    '\r',
    '\u001b[31m',
    '.',
    '..',
    '~',
  ),
  fc.constantFrom('\u202e', '\u2066', '\u2028', '\ufeff', '\u200b', 'é', 'e\u0301', '漢', '😀', '.backup', '-wal'),
  fc.string({ minLength: 1, maxLength: 4 }),
);

const textName = fc.array(pieces, { minLength: 1, maxLength: 6 }).map((parts) => Buffer.from(parts.join(''), 'utf8'));
const byteName = fc.uint8Array({ minLength: 1, maxLength: 12, min: 1 }).map((bytes) => Buffer.from(bytes));

/** Any name that Linux allows in a folder, the awkward ones first. */
export const awkwardName = fc
  .oneof(textName, byteName)
  .filter((name) => !name.includes(0) && !name.includes(0x2f) && name.length <= 200)
  .filter((name) => name.toString('latin1') !== '.' && name.toString('latin1') !== '..');
