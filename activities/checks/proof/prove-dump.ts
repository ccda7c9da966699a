import type { Measurement } from '../../../runbook/judge.ts';
import type { Room } from '../../kernel/room.ts';
import type { Known } from './proof.ts';
import type { RootProof } from './prove-data.ts';

type DumpRoot = Extract<Room['target']['data'][number], { readonly kind: 'dump' }>;

/** Data behind a program have no folder to look into: the target's own command to verify them is asked, or nobody knows. */
export async function proveDump(room: Room, root: DumpRoot, { recovery }: Known): Promise<RootProof> {
  const integrity = await verify(room, root);
  const decision = recovery?.roots.find((each) => each.root === root.name);
  const decided = decision === undefined || decision.action === 'ask' ? null : decision.action;
  const present: Measurement =
    decided === null
      ? { status: 'unknown', measured: `${root.name}: nobody decided whether its data go back` }
      : { status: integrity.status, measured: `${integrity.measured}; decided: ${decided}` };
  return { present, integrity, row: null, exceptions: [] };
}

async function verify(room: Room, root: DumpRoot): Promise<Measurement> {
  if (root.verify === undefined) {
    return { status: 'unknown', measured: `${root.name}: the target names no command to verify it` };
  }
  const { command, timeoutMs } = root.verify;
  const ran = await room.world.commands.run({
    argv: command,
    cwd: room.target.repository.path,
    timeoutMs,
    maxOutputBytes: 64 * 1024,
    marker: room.marker,
    signal: room.signal,
  });
  const ended = ran.timedOut ? 'did not end in time' : `exit code ${ran.exitCode ?? 'unknown'}`;
  const good = ran.exitCode === 0 && !ran.timedOut;
  return { status: good ? 'pass' : 'fail', measured: `${root.name}: ${command[0] ?? ''} ${ended}` };
}
