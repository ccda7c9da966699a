/** Versions that belong together, written once: set-up, processes and tests read them here. */
export const temporalCliVersion = '1.9.1';
export const composeVersion = '5.6.0';
export const testServerVersion = '1.32.0';
