import type {
  CheckpointActivities,
  ObserveActivities,
  PruneActivities,
  RollbackActivities,
  UndoActivities,
  UpkeepActivities,
} from '../contract/activities.ts';
import type { NoticeActivities } from '../contract/notices.ts';
import { captureCode } from './checkpoint/capture-code.ts';
import { captureConfiguration } from './checkpoint/capture-configuration.ts';
import { captureData } from './checkpoint/capture-data.ts';
import { captureImages } from './checkpoint/capture-images.ts';
import { captureSkills } from './checkpoint/capture-skills.ts';
import { closeCheckpoint } from './checkpoint/close-checkpoint.ts';
import { measureBaseline } from './checkpoint/measure-baseline.ts';
import { openCheckpoint } from './checkpoint/open-checkpoint.ts';
import { pruneCheckpoints, releasePrune } from './checkpoint/prune-checkpoints.ts';
import { sealCheckpoint } from './checkpoint/seal-checkpoint.ts';
import { awaitStableHealth } from './checks/await-stable-health.ts';
import { checkAgents } from './checks/check-agents.ts';
import { checkSkills } from './checks/check-skills.ts';
import { judgeWorld } from './checks/judge-world.ts';
import { measurePerformance } from './checks/measure-performance.ts';
import { runFunctionalChecks } from './checks/run-functional-checks.ts';
import { runScript } from './checks/run-script.ts';
import { scanLogs } from './checks/scan-logs.ts';
import { containExperiment } from './containers/contain-experiment.ts';
import { planContainment } from './containers/plan-containment.ts';
import { startDataUsers } from './containers/start-data-users.ts';
import { startStable } from './containers/start-stable.ts';
import { startStableOnPins } from './containers/start-stable-on-pins.ts';
import { stopDataUsers } from './containers/stop-data-users.ts';
import { stopExperiment } from './containers/stop-experiment.ts';
import { verifyExperimentStopped } from './containers/verify-experiment-stopped.ts';
import { watchExperiment } from './containers/watch-experiment.ts';
import { checkIntegrity } from './data/check-integrity.ts';
import { makeSafetyCopy } from './data/make-safety-copy.ts';
import { planRecovery } from './data/plan-recovery.ts';
import { restoreData } from './data/restore-data.ts';
import { verifyData } from './data/verify-data.ts';
import { archiveEvidence } from './documentation/archive-evidence.ts';
import { closeRollback } from './documentation/close-rollback.ts';
import { writeChecklist } from './documentation/write-checklist.ts';
import { writeReport } from './documentation/write-report.ts';
import { captureContainerState } from './evidence/capture-container-state.ts';
import { captureDefinitions } from './evidence/capture-definitions.ts';
import { captureDoomedContainers } from './evidence/capture-doomed-containers.ts';
import { captureFinalLogs } from './evidence/capture-final-logs.ts';
import { captureLiveLogs } from './evidence/capture-live-logs.ts';
import { recordStableState } from './evidence/record-stable-state.ts';
import { captureGitState } from './git/capture-git-state.ts';
import { returnToCheckpoint } from './git/return-to-checkpoint.ts';
import { asActivity, attemptOf } from './kernel/act.ts';
import type { World } from './kernel/world.ts';
import { pingDeadMan } from './notices/ping-dead-man.ts';
import { sendNotice } from './notices/send-notice.ts';
import { observeHost } from './observe/observe-host.ts';
import { changeScope } from './partial/change-scope.ts';
import { limitExperiment } from './partial/limit-experiment.ts';
import { planPartial } from './partial/plan-partial.ts';
import { proveTraffic } from './partial/prove-traffic.ts';
import { runMigration } from './partial/run-migration.ts';
import { samplePerformance } from './partial/sample-performance.ts';
import { switchLimiter } from './partial/switch-limiter.ts';
import { switchTraffic } from './partial/switch-traffic.ts';
import { wakeExperiment } from './partial/wake-experiment.ts';
import { openRollback } from './preparation/open-rollback.ts';
import { takeOver } from './preparation/take-over.ts';
import { undoActs } from './undo/undo-acts.ts';
import { upkeepActs } from './upkeep/upkeep-acts.ts';

type AllActivities = RollbackActivities &
  CheckpointActivities &
  ObserveActivities &
  NoticeActivities &
  PruneActivities &
  UndoActivities &
  UpkeepActivities;

/** Every activity a worker offers, on the given world. */
export function allActivities(world: World): AllActivities {
  return {
    ...rollbackActs(world),
    ...checkpointActs(world),
    ...undoActs(world),
    ...upkeepActs(world),
    observeHost: (request, id) => observeHost(world, request, id),
    sendNotice: (input) => sendNotice(world, input),
    pingDeadMan: (input) => pingDeadMan(world, input),
    pruneCheckpoints: (request) => pruneCheckpoints(world, request),
    releasePrune: (request) => releasePrune(world, request),
  };
}

function rollbackActs(world: World): RollbackActivities {
  return {
    openRollback: (input, request) => attemptOf(world.stateRoot, input, () => openRollback(world, input, request)),
    takeOver: (input) => attemptOf(world.stateRoot, input, () => takeOver(world, input)),
    checkAgents: asActivity(world, checkAgents),
    checkSkills: asActivity(world, checkSkills),
    awaitStableHealth: asActivity(world, awaitStableHealth),
    judgeWorld: asActivity(world, judgeWorld),
    measurePerformance: asActivity(world, measurePerformance),
    runFunctionalChecks: asActivity(world, runFunctionalChecks),
    runScript: asActivity(world, runScript),
    scanLogs: asActivity(world, scanLogs),
    containExperiment: asActivity(world, containExperiment),
    planContainment: asActivity(world, planContainment),
    startStable: asActivity(world, startStable),
    startStableOnPins: asActivity(world, startStableOnPins),
    stopDataUsers: asActivity(world, stopDataUsers),
    stopExperiment: asActivity(world, stopExperiment),
    verifyExperimentStopped: asActivity(world, verifyExperimentStopped),
    watchExperiment: asActivity(world, watchExperiment),
    checkIntegrity: asActivity(world, checkIntegrity),
    makeSafetyCopy: asActivity(world, makeSafetyCopy),
    planRecovery: asActivity(world, planRecovery),
    restoreData: asActivity(world, restoreData),
    verifyData: asActivity(world, verifyData),
    changeScope: asActivity(world, changeScope),
    limitExperiment: asActivity(world, limitExperiment),
    planPartial: asActivity(world, planPartial),
    samplePerformance: asActivity(world, samplePerformance),
    switchLimiter: asActivity(world, switchLimiter),
    wakeExperiment: asActivity(world, wakeExperiment),
    startDataUsers: asActivity(world, startDataUsers),
    runMigration: asActivity(world, runMigration),
    switchTraffic: asActivity(world, switchTraffic),
    proveTraffic: asActivity(world, proveTraffic),
    archiveEvidence: asActivity(world, archiveEvidence),
    closeRollback: asActivity(world, closeRollback),
    writeChecklist: asActivity(world, writeChecklist),
    writeReport: asActivity(world, writeReport),
    captureContainerState: asActivity(world, captureContainerState),
    captureDefinitions: asActivity(world, captureDefinitions),
    captureDoomedContainers: asActivity(world, captureDoomedContainers),
    captureFinalLogs: asActivity(world, captureFinalLogs),
    captureLiveLogs: asActivity(world, captureLiveLogs),
    recordStableState: asActivity(world, recordStableState),
    captureGitState: asActivity(world, captureGitState),
    returnToCheckpoint: asActivity(world, returnToCheckpoint),
  };
}

function checkpointActs(world: World): CheckpointActivities {
  return {
    openCheckpoint: (input, request) => attemptOf(world.stateRoot, input, () => openCheckpoint(world, input, request)),
    captureCode: asActivity(world, captureCode, 'checkpoint'),
    captureConfiguration: asActivity(world, captureConfiguration, 'checkpoint'),
    captureData: asActivity(world, captureData, 'checkpoint'),
    captureImages: asActivity(world, captureImages, 'checkpoint'),
    captureSkills: asActivity(world, captureSkills, 'checkpoint'),
    closeCheckpoint: asActivity(world, closeCheckpoint, 'checkpoint'),
    measureBaseline: asActivity(world, measureBaseline, 'checkpoint'),
    sealCheckpoint: asActivity(world, sealCheckpoint, 'checkpoint'),
  };
}
