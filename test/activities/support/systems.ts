import { planContainment } from '../../../activities/containers/plan-containment.ts';
import type { ActBody } from '../../../activities/kernel/room.ts';
import type { StepInput, StepResult } from '../../../contract/step.ts';
import { type TestContainerOptions, type TestContainers, testContainers } from './containers.ts';
import { type RoomOptions, roomFor, type TargetSections, type TestRoom } from './room.ts';

/** A stable system and an experiment in one project on the real engine, with a room whose target names both. */
export interface TestSystems {
  readonly made: TestContainers;
  readonly test: TestRoom;
  /** A container with the labels that compose would give it. */
  service(name: string, options?: TestContainerOptions): Promise<string>;
  /** The experiment's container that stands in no compose file. */
  byHand(options?: TestContainerOptions): Promise<string>;
  /** Makes the containment plan; steps after it carry its hash. */
  plan(): Promise<void>;
  /** Runs an act as a step of its own, or again as a later attempt of it. */
  run<R extends StepResult>(act: ActBody<R>, input?: Partial<StepInput>): Promise<R>;
  /** Input of a step with the plan's hash, for an act that is run as an activity. */
  input(key: string): StepInput;
  stateOf(id: string): Promise<string>;
  close(): Promise<void>;
}

export interface SystemsOptions {
  /** Sections of the target; a name in them may have to hold the test's tag. */
  readonly target?: TargetSections | ((tag: string) => TargetSections);
  readonly input?: Partial<StepInput>;
  /** Parts of the world to put in place of the real ones. */
  readonly world?: RoomOptions['world'];
  readonly stateRoot?: string;
}

export async function testSystems(options: SystemsOptions = {}): Promise<TestSystems> {
  const made = await testContainers();
  const byHandName = `${made.tag}-by-hand`;
  const test = await roomFor({
    target: {
      compose: { project: made.tag },
      stable: { composeFiles: ['docker-compose.yml'], services: ['stable', 'store'], primary: 'stable' },
      experiment: {
        composeFiles: ['docker-compose.experiment.yml'],
        services: ['experiment', 'cache'],
        containers: [byHandName],
      },
      ...(typeof options.target === 'function' ? options.target(made.tag) : options.target),
    },
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.world === undefined ? {} : { world: options.world }),
    ...(options.stateRoot === undefined ? {} : { stateRoot: options.stateRoot }),
  });
  let plans: StepInput['plans'] = {};
  const stateOf = async (id: string) => (await test.world.docker.inspect(id))?.state ?? 'gone';
  return {
    made,
    test,
    async service(name, container = {}) {
      const labels = { 'com.docker.compose.project': made.tag, 'com.docker.compose.service': name };
      return (await made.make({ ...container, labels: { ...labels, ...container.labels } })).id;
    },
    byHand: async (container = {}) => (await made.make({ ...container, name: byHandName })).id,
    async plan() {
      const { hash } = await planContainment(await test.again({ key: 'preparation.planContainment' }));
      plans = { containment: hash };
    },
    async run(act, input = {}) {
      const room = await test.again({ key: `immediateResponse.${act.name}`, plans, ...input });
      const result = await act(room);
      room.ended(result.outcome, result.reason);
      return result;
    },
    input: (key) => ({ ...test.room.input, key, plans }),
    stateOf,
    async close() {
      test.close();
      await made.removeAll();
    },
  };
}
