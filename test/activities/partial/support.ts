import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../../../runbook/scenarios.ts';
import type { TestRoom } from '../support/room.ts';

/** What `openRollback` leaves: acts read the scenario from it. */
export function writeRequest(test: TestRoom, scenario: Scenario): void {
  writeFileSync(join(test.room.rollback.dir, 'request.json'), JSON.stringify({ scenario }));
}
