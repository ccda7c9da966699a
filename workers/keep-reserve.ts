import { ballastBytes } from '../runbook/full-disk.ts';
import { freeBytes, keepBallast } from '../vault/ballast.ts';
import { environmentLayout } from '../vault/layout.ts';
import { logLine } from './worker-log.ts';

/** Keeps space that is given up when the disk is full (design §4.11); too little of it is told and stops nothing. */
export async function keepReserve(place: { readonly stateRoot: string; readonly environment: string }): Promise<void> {
  const { root, ballastFile } = environmentLayout(place.stateRoot, place.environment);
  const bytes = ballastBytes(freeBytes(root));
  const kept = bytes === null ? 'no-room' : await keepBallast(ballastFile, bytes);
  if (kept === 'no-room') logLine(`ballast: too little space at ${root}; none is kept in reserve`);
}
