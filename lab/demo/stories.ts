import type { RollbackScenario } from '../../runbook/scenarios.ts';
import type { Fault } from '../faults.ts';

/** What goes wrong in a demo, what is typed then, and in which step the worker dies. */
export interface DemoStory {
  readonly faults: readonly Fault[];
  readonly reason: string;
  /** Arguments of `rollback` that start it. */
  readonly command: readonly string[];
  /** The worker is killed as soon as the journal says that one of these is at work. */
  readonly killIn: { readonly phase: string; readonly step: RegExp };
}

const started = (scenario: RollbackScenario) => ['start', '--scenario', scenario, '--yes'];

export const stories: Readonly<Record<RollbackScenario, DemoStory>> = {
  'data-corruption': {
    faults: ['changed-data', 'half-migration', 'corrupt-volume'],
    reason: 'the migration died half-way, answers are wrong',
    command: started('data-corruption'),
    killIn: { phase: 'data recovery', step: /^dataRecovery\.restoreData/ },
  },
  emergency: {
    faults: ['changed-data', 'crash-loop', 'bad-image'],
    reason: 'nonsense for every question, and the experiment leaks',
    command: ['emergency'],
    killIn: { phase: 'the emergency path', step: /^emergency\.(captureDefinitions|planRecovery)/ },
  },
  'service-disruption': {
    faults: ['changed-data', 'crash-loop', 'stable-stopped'],
    reason: 'the experiment restarts for ever, and somebody stopped the stable system',
    command: started('service-disruption'),
    killIn: { phase: 'data recovery', step: /^dataRecovery\.checkIntegrity/ },
  },
  'performance-issues': {
    faults: ['changed-data', 'crash-loop'],
    reason: 'the experiment restarts for ever and takes the machine with it',
    command: started('performance-issues'),
    killIn: { phase: 'data recovery', step: /^dataRecovery\.checkIntegrity/ },
  },
};
