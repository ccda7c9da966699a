import type { Room } from '../../kernel/room.ts';
import { examineAgents } from '../examine-agents.ts';
import type { Proof } from './proof.ts';

/**
 * Two items of the runbook ask for the agents: that coordination is whole, and that work can go on. What the target
 * does not declare is not proven here.
 */
export async function proveAgents(room: Room): Promise<Proof> {
  const seen = await examineAgents(room, 'judgement');
  if (!seen.declared) return { items: {}, seen };
  const { script, scriptSaid } = seen;
  return {
    items: {
      'agent-coordination': { status: seen.status, measured: seen.reason },
      ...(script === null ? {} : { 'agents-operational': { status: script, measured: scriptSaid } }),
    },
    seen,
  };
}
