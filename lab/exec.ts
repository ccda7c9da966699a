import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { containerOf } from './containers.ts';
import type { Lab } from './lab.ts';
import type { Role } from './names.ts';

/**
 * Runs a piece of JavaScript inside a container: reaches a volume or a port that the host's account may not.
 * @returns what it wrote to its standard output
 * @throws Error with its standard error when it ends with another code than 0
 */
export async function runInside(lab: Lab, role: Role, source: string): Promise<string> {
  const { id, name } = await containerOf(lab.docker, lab.names, role);
  const exec = await lab.docker.getContainer(id).exec({
    Cmd: ['node', '--input-type=module', '-e', source],
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({});
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  lab.docker.modem.demuxStream(stream, stdout, stderr);
  stream.once('end', () => {
    stdout.end();
    stderr.end();
  });
  const [out, errors] = await Promise.all([text(stdout), text(stderr)]);
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new Error(`In ${name}: exit ${ExitCode}: ${errors.trim()}`);
  return out;
}
