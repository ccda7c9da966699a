import { isUtf8 } from 'node:buffer';
import { z } from 'zod';

/**
 * Names on Linux are bytes, not text. In JSON a path is its text when the bytes are valid UTF-8, else `{"b64": …}`:
 * exactly one form for each path, and every path survives the round trip.
 */
export const jsonPathSchema = z.union([z.string(), z.object({ b64: z.base64() })]);

export type JsonPath = Readonly<z.infer<typeof jsonPathSchema>>;

export function toJsonPath(path: Buffer): JsonPath {
  return isUtf8(path) ? path.toString('utf8') : { b64: path.toString('base64') };
}

export function fromJsonPath(path: JsonPath): Buffer {
  return typeof path === 'string' ? Buffer.from(path, 'utf8') : Buffer.from(path.b64, 'base64');
}

/** A path for people: controls, bidi marks and bytes that are no text are written as escapes. Not for opening files. */
export function showPath(path: Buffer): string {
  if (!isUtf8(path)) return path.toString('latin1').replaceAll(/[^\x20-\x7e]/g, (char) => `\\x${hex(char, 2)}`);
  return path.toString('utf8').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${hex(char, 4)}}`);
}

const slash = 0x2f;

/**
 * The canonical order of manifests: component by component, bytewise; a folder comes right before what is in it.
 * The same as comparing the bytes with `/` sorted before every other byte.
 */
export function comparePaths(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [left, right] = [a[index] ?? 0, b[index] ?? 0];
    if (left === right) continue;
    if (left === slash) return -1;
    if (right === slash) return 1;
    return left - right;
  }
  return a.length - b.length;
}

/** Whether `path` lies inside the folder `folder` (both relative to the same root). */
export function isInside(folder: Buffer, path: Buffer): boolean {
  return path.length > folder.length && path[folder.length] === slash && path.subarray(0, folder.length).equals(folder);
}

/** Joins two relative paths; an empty one is the root itself. */
export function joinPath(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, Buffer.from('/'), name]);
}

/** Folder and last component of a relative path. */
export function splitPath(path: Buffer): { readonly folder: Buffer; readonly name: Buffer } {
  const at = path.lastIndexOf(slash);
  return { folder: path.subarray(0, Math.max(at, 0)), name: path.subarray(at + 1) };
}

/** Components of a relative path. */
export function componentsOf(path: Buffer): Buffer[] {
  const components: Buffer[] = [];
  let start = 0;
  while (start < path.length) {
    const found = path.indexOf(slash, start);
    const end = found === -1 ? path.length : found;
    components.push(path.subarray(start, end));
    start = end + 1;
  }
  return components;
}

function hex(char: string, digits: number): string {
  return (char.codePointAt(0) ?? 0).toString(16).padStart(digits, '0');
}
