import type { Room } from '../../kernel/room.ts';
import { examineAgents } from '../examine-agents.ts';
import type { Proof } from './proof.ts';

/** Two items of the runbook ask for the agents: that coordination is whole, and that work can go on. */
export async function proveAgents(room: Room): Promise<Proof> {
  const seen = await examineAgents(room, 'judgement');
  return {
    items: {
      'agent-coordination': { status: seen.status, measured: seen.reason },
      'agents-operational': { status: seen.script, measured: seen.scriptSaid },
    },
    seen,
  };
}
