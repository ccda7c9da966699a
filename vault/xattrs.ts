import { runTool } from './run-tool.ts';

/** Names and values (base64) of a file's extended attributes, sorted by name. ACLs and capabilities are among them. */
export type Xattrs = readonly (readonly [name: string, base64: string])[];

/** Key: path relative to the root, as latin1 bytes; only files that have any. */
export type XattrsOfTree = ReadonlyMap<string, Xattrs>;

/**
 * Node cannot read extended attributes: one `getfattr` (package attr) reads them for a whole tree.
 * @returns undefined when it is not installed or failed: the attributes are then unread, which the manifest says
 */
export async function readXattrs(root: string, signal?: AbortSignal): Promise<XattrsOfTree | undefined> {
  const args = ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'base64', '--', '.'];
  const run = await runTool({ tool: 'getfattr', args, cwd: root, signal });
  // A file that vanishes meanwhile makes it end with 1 and still print the rest: what is missing shows in the compare.
  if (run === undefined) return undefined;
  return parse(run.stdout.toString('latin1'));
}

/**
 * Sets extended attributes below a folder of ours (never on live data: setfattr follows links in folders).
 * @returns false when some could not be set
 */
export async function applyXattrs(root: string, all: XattrsOfTree): Promise<boolean> {
  if (all.size === 0) return true;
  const lines: string[] = [];
  for (const [path, xattrs] of all) {
    lines.push(`# file: ${quote(path)}`, ...xattrs.map(([name, value]) => `${quoteName(name)}=0s${value}`), '');
  }
  const input = Buffer.from(`${lines.join('\n')}\n`, 'latin1');
  const run = await runTool({ tool: 'setfattr', args: ['-h', '--restore=-'], cwd: root, input });
  return run !== undefined && run.code === 0;
}

/** Whether the attributes of files can be read and set on this machine. */
export async function xattrsSupported(): Promise<boolean> {
  return (await runTool({ tool: 'getfattr', args: ['--version'], cwd: '/' })) !== undefined;
}

function parse(text: string): XattrsOfTree {
  const all = new Map<string, Xattrs>();
  for (const block of text.split('\n\n')) {
    const [head = '', ...rest] = block.split('\n').filter((line) => line !== '');
    const path = /^# file: (.*)$/s.exec(head)?.[1];
    if (path === undefined) continue;
    const xattrs = rest.map(parseLine).sort(([a], [b]) => (a < b ? -1 : 1));
    all.set(unquote(path).replace(/^\.(\/|$)/, ''), xattrs);
  }
  return all;
}

function parseLine(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  if (at === -1) return [unquote(line), ''];
  return [unquote(line.slice(0, at)), line.slice(at + 1).replace(/^0s/, '')];
}

/** getfattr writes line ends, backslashes and in names "=" as three octal digits. */
function unquote(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function quote(text: string): string {
  return text.replaceAll(/[\n\r\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function quoteName(text: string): string {
  return quote(text).replaceAll('=', '\\075');
}
