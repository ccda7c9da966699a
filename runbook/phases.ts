import type { PartialScenario } from './scenarios.ts';
import type { PhaseName, StepName } from './steps.ts';

/** The four phases of the runbook with their windows (minutes from the start): shown, never enforced (design §1). */
export interface Phase {
  readonly title: string;
  readonly windowMinutes: readonly [number, number | null];
  readonly section: string;
}

export const phases: Readonly<Record<PhaseName, Phase>> = {
  preparation: { title: 'Preparation', windowMinutes: [0, 15], section: 'Rollback Procedure' },
  immediateResponse: { title: 'Immediate response', windowMinutes: [0, 15], section: 'Phase 1' },
  emergency: { title: 'Emergency rollback', windowMinutes: [0, 15], section: 'Emergency Rollback' },
  partial: { title: 'Partial rollback', windowMinutes: [0, 60], section: 'Partial Rollback Scenarios' },
  dataRecovery: { title: 'Data recovery', windowMinutes: [15, 60], section: 'Phase 2' },
  systemValidation: { title: 'System validation', windowMinutes: [60, 120], section: 'Phase 3' },
  judgement: { title: 'Judgement', windowMinutes: [60, 120], section: 'Rollback Validation Checklist' },
  documentation: { title: 'Documentation', windowMinutes: [120, null], section: 'Phase 4' },
  closing: { title: 'Closing', windowMinutes: [120, null], section: 'Phase 4' },
};

/**
 * Contain → bounded live evidence → stop → logs → keep (design §4.1): the runbook's `down` before `docker logs`
 * loses every log, so the order is turned round.
 */
export const immediateResponseSteps = [
  'containExperiment',
  'captureLiveLogs',
  'captureContainerState',
  'captureGitState',
  'captureDoomedContainers',
  'stopExperiment',
  'captureFinalLogs',
  'verifyExperimentStopped',
  'captureDefinitions',
  'recordStableState',
  'startStable',
  'awaitStableHealth',
] as const satisfies readonly StepName[];

/** What data recovery always does; the steps after `planRecovery` come from the plan. */
export const dataRecoveryOpening = ['checkIntegrity', 'planRecovery'] as const satisfies readonly StepName[];

/** What data recovery ends with whenever its plan changed anything, and also when it did not: the service must answer. */
export const dataRecoveryClosing = ['awaitStableHealth'] as const satisfies readonly StepName[];

export const systemValidationSteps = [
  'runFunctionalChecks',
  'checkSkills',
  'checkAgents',
  'runScript',
  'measurePerformance',
  'scanLogs',
] as const satisfies readonly StepName[];

export const documentationSteps = [
  'writeChecklist',
  'writeReport',
  'archiveEvidence',
] as const satisfies readonly StepName[];

/**
 * The shortest path: stop at once, only such evidence as a stop would take away, then the known good state by
 * image, configuration and git, then the stable system. Whatever can wait comes after it serves.
 */
export const emergencyOpening = [
  'containExperiment',
  'captureDoomedContainers',
  'stopExperiment',
  'verifyExperimentStopped',
  'captureDefinitions',
  'captureGitState',
  'planRecovery',
] as const satisfies readonly StepName[];

export const emergencyClosing = [
  'awaitStableHealth',
  'captureContainerState',
  'captureFinalLogs',
] as const satisfies readonly StepName[];

/**
 * What a partial rollback does before it watches, asks or waits. The experiment keeps running: evidence of it is what
 * can be seen from outside, before anything of it changes.
 */
export const partialSteps = {
  'performance-only': ['planPartial', 'captureContainerState', 'wakeExperiment', 'limitExperiment', 'switchLimiter'],
  'api-issues': [
    'planPartial',
    'startStable',
    'captureContainerState',
    'captureLiveLogs',
    'switchTraffic',
    'proveTraffic',
  ],
  'data-migration': ['planPartial', 'captureContainerState', 'checkIntegrity', 'planRecovery'],
} as const satisfies Readonly<Record<PartialScenario, readonly StepName[]>>;

/** A partial rollback ends with both systems at work, also when it was a whole one before, and the stable one proven to serve. */
export const partialClosing = [
  'startStable',
  'wakeExperiment',
  'awaitStableHealth',
] as const satisfies readonly StepName[];

/** Scripts of the target that system validation runs, in the runbook's order; agent status is asked by `checkAgents`. */
export const validationScripts = ['performanceTest', 'monitor', 'skills'] as const;
