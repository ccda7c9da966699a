import type { Fault } from '../../../lab/faults.ts';
import type { Lab } from '../../../lab/lab.ts';
import type { RollbackScenario } from '../../../runbook/scenarios.ts';
import type { StepName } from '../../../runbook/steps.ts';
import { steps } from '../../../runbook/steps.ts';
import type { Practice } from '../support/practice.ts';

export interface MutantScene {
  readonly name: 'corrupt' | 'stopped';
  readonly scenario: RollbackScenario;
  readonly fault: Fault;
  /** What else is there before the rollback. */
  prepare(lab: Lab): Promise<void>;
  /** What happens while it runs. */
  meanwhile(practice: Practice): Promise<void>;
}

/** Data are corrupt: data go back, git returns, the stable system is stopped and started for it. */
const corrupt: MutantScene = {
  name: 'corrupt',
  scenario: 'data-corruption',
  fault: 'half-migration',
  prepare: () => Promise.resolve(),
  meanwhile: () => Promise.resolve(),
};

/** The stable system was stopped, a container would vanish with its stop, and somebody starts the experiment again. */
const stopped: MutantScene = {
  name: 'stopped',
  scenario: 'service-disruption',
  fault: 'stable-stopped',
  async prepare(lab) {
    const { cache } = await lab.containers();
    const { Config } = await lab.docker.getContainer(cache?.id ?? 'none').inspect();
    const container = await lab.docker.createContainer({
      name: `run-once-${lab.id}`,
      Image: lab.names.experimentImage,
      Cmd: ['node', '-e', 'console.log("spoken once"); setInterval(() => {}, 1e6)'],
      Labels: { ...Config.Labels, 'com.docker.compose.oneoff': 'True' },
      HostConfig: { AutoRemove: true, NetworkMode: lab.names.network },
    });
    await container.start();
  },
  async meanwhile({ lab, journalHas }) {
    const { cache } = await lab.containers();
    await journalHas('the validation', ({ step }) => step.startsWith('systemValidation.'));
    await lab.docker.getContainer(cache?.id ?? 'none').start();
  },
};

export const mutantScenes = [corrupt, stopped] as const;

/** These have nothing to do while only data are corrupt. */
const onlyInStopped: readonly StepName[] = [
  'captureDoomedContainers',
  'startStable',
  'verifyExperimentStopped',
  'watchExperiment',
  'judgeWorld',
];

/** `takeOver` runs when an emergency takes a running rollback over; that scene has a test of its own. */
export const actsUnderTest = (Object.keys(steps) as StepName[]).filter((step) => step !== 'takeOver');

export function sceneOf(act: StepName): MutantScene {
  return onlyInStopped.includes(act) ? stopped : corrupt;
}
