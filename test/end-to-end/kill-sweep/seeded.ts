/** The chaos of the demo and the sweeps of the tests choose their moments alike. */
export { type Seeded, seeded } from '../../../lab/chaos/seeded.ts';
