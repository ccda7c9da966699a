import type { PartialScenario } from '../runbook/scenarios.ts';
import type { ChecklistResult, Discard, PlannedStep, RecoveryQuestion, Verdict } from './rollback.ts';

/** Records in the state folder: what acts leave for later acts, people and `undo`. Format 1. */

/** A container as the plan knows it: only these ids are ever acted on (design §4.8). */
export interface PlannedContainer {
  readonly id: string;
  readonly name: string;
  /** Compose service, or null for one that stands in no compose file. */
  readonly service: string | null;
  /** Why it belongs to its system, in words. */
  readonly why: string;
  readonly image: string;
  readonly state: string;
  readonly startedAt: string;
  readonly restartCount: number;
  readonly restartPolicy: { readonly name: string; readonly maximumRetryCount: number };
  readonly autoRemove: boolean;
  readonly mounts: readonly {
    readonly type: string;
    readonly source: string;
    readonly destination: string;
    readonly name: string | null;
  }[];
  readonly networks: readonly string[];
}

/** `plan/containment.json` */
export interface ContainmentPlan {
  readonly format: 1;
  readonly at: string;
  readonly daemonId: string;
  readonly machineId: string;
  readonly experiment: readonly PlannedContainer[];
  readonly stable: readonly PlannedContainer[];
  /** Services of the stable system that have no container. */
  readonly stableMissing: readonly string[];
}

/** A limit that a container gets, with what it had: enough to give it back. */
export interface PlannedLimit {
  readonly id: string;
  readonly name: string;
  readonly earlier: Limits;
  readonly wanted: Limits;
}

export interface Limits {
  /** null: no limit. */
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly memorySwap: number;
}

/** `plan/partial.json` */
export interface PartialPlan {
  readonly format: 1;
  readonly at: string;
  readonly scenario: PartialScenario;
  readonly steps: readonly PlannedStep[];
  readonly limits: readonly PlannedLimit[];
  /** Names of the target's switches that are set, in order. */
  readonly switches: readonly string[];
  /** Digest of the migration's command and files as they were when it had gone wrong; null without one. */
  readonly migration: string | null;
  /** What cannot be done as the target has it, in words. */
  readonly notes: readonly string[];
}

export type IntegrityVerdict = 'sound' | 'corrupt' | 'unknown';

export interface RootFinding {
  readonly root: string;
  readonly kind: 'path' | 'volume' | 'dump';
  /** Where the data lie on this host; null for a dump. */
  readonly path: string | null;
  /** Device number and mount source: a data disk that is not mounted is not "empty". */
  readonly device: string | null;
  readonly integrity: IntegrityVerdict;
  readonly reasons: readonly string[];
  /** Against the checkpoint's manifest; null without one. */
  readonly changes: {
    readonly equal: number;
    readonly differing: number;
    readonly missing: number;
    readonly extra: number;
    readonly bytes: number;
    readonly changedSince: string | null;
    readonly changedUntil: string | null;
  } | null;
  /** Manifest of the data as found. */
  readonly manifest: string | null;
  readonly rootHash: string | null;
  readonly backups: readonly {
    readonly backup: string;
    readonly original: string;
    readonly usable: boolean;
    readonly reason: string;
  }[];
}

/** `plan/findings.json`: what the integrity check saw on stopped data. */
export interface Findings {
  readonly format: 1;
  readonly at: string;
  readonly checkpoint: {
    readonly id: string | null;
    readonly ref: string;
    readonly commit: string;
    readonly tree: string;
  };
  readonly git: {
    readonly head: string;
    readonly branch: string | null;
    readonly operation: string | null;
    /** Paths outside data roots that differ from the checkpoint commit: counts and a bounded sample. */
    readonly differing: number;
    readonly untrackedBlocking: number;
    readonly sample: readonly string[];
    readonly refusals: readonly string[];
  };
  readonly roots: readonly RootFinding[];
  /** Stable services whose image or configuration is not the checkpoint's. */
  readonly stableDrift: readonly {
    readonly service: string;
    readonly what: 'image' | 'configuration' | 'missing';
    readonly reason: string;
  }[];
}

export type RestoreSource = 'checkpoint' | 'git' | 'backup';

export interface RootDecision {
  readonly root: string;
  readonly action: 'put-back' | 'leave' | 'ask';
  readonly source: RestoreSource | null;
  readonly reasons: readonly string[];
}

/** `plan/recovery.json` */
export interface RecoveryPlan {
  readonly format: 1;
  readonly at: string;
  readonly checkpoint: Findings['checkpoint'];
  readonly roots: readonly RootDecision[];
  readonly steps: readonly PlannedStep[];
  readonly discards: readonly Discard[];
  readonly questions: readonly RecoveryQuestion[];
  readonly conflicts: readonly string[];
  /** Containers to stop for the restore, and stable containers that must change. */
  readonly stopForData: readonly string[];
  readonly recreate: readonly { readonly service: string; readonly image: string; readonly reason: string }[];
  readonly git: { readonly returnTo: string | null; readonly branch: string | null; readonly reason: string };
}

/** `undo/plan/undo.json`: what brings back the state before a rollback. */
export interface UndoPlan {
  readonly format: 1;
  readonly at: string;
  readonly undoes: string;
  readonly roots: readonly {
    readonly root: string;
    /** `leave`: the rollback did not change it, or it is as before already. */
    readonly action: 'put-back' | 'leave';
    readonly reason: string;
  }[];
  readonly repository: { readonly action: 'put-back' | 'leave'; readonly reason: string };
  readonly containers: readonly {
    /** Id before the rollback. */
    readonly id: string;
    readonly name: string;
    readonly system: 'experiment' | 'stable';
    readonly was: string;
    readonly acts: readonly string[];
  }[];
  /** Containers that may write to what goes back. */
  readonly stop: readonly { readonly id: string; readonly name: string }[];
  readonly discards: readonly Discard[];
  readonly exceptions: readonly string[];
}

/** `upkeep/<id>/plan/prune.json`: what would be freed, and which rollbacks keep what they have. */
export interface PrunePlan {
  readonly format: 1;
  readonly at: string;
  readonly free: readonly { readonly rollbackId: string; readonly path: string; readonly bytes: number }[];
  readonly kept: readonly { readonly rollbackId: string; readonly reason: string }[];
}

/** Numbers of a measured run: medians with their spread. */
export interface Baseline {
  readonly at: string;
  readonly samples: number;
  readonly responseTimeMs: { readonly median: number; readonly spread: number };
  readonly memoryBytes: { readonly median: number; readonly spread: number };
  readonly cpuPercent: { readonly median: number; readonly spread: number };
  readonly errorRate: number;
  /** Lines matching the target's error pattern per minute of log. */
  readonly logErrorsPerMinute: number;
}

/** `checkpoints/<id>/checkpoint.json`: recorded known-good state. */
export interface CheckpointRecord {
  readonly format: 1;
  readonly id: string;
  readonly environment: string;
  readonly createdAt: string;
  readonly by: string;
  readonly targetHash: string;
  readonly daemonId: string;
  readonly machineId: string;
  readonly ref: string;
  readonly commit: string;
  readonly tree: string;
  readonly images: readonly {
    readonly service: string;
    readonly image: string;
    readonly reference: string;
    readonly heldBy: string;
    readonly configHash: string | null;
  }[];
  readonly configuration: { readonly file: string; readonly sha256: string };
  readonly data: readonly CheckpointData[];
  readonly skills: readonly string[];
  readonly baseline: Baseline | null;
}

export interface CheckpointData {
  readonly root: string;
  readonly kind: 'path' | 'volume' | 'dump';
  readonly copy: string;
  readonly manifest: string;
  readonly rootHash: string;
  readonly contentHash: string;
  readonly files: number;
  readonly bytes: number;
  /** Device and mount source on which the root lay: another one later means that its disk is not mounted. */
  readonly device?: string | null;
  /** Unchanged files that the copy has in common with an earlier checkpoint's: they take no space of their own. */
  readonly shared?: { readonly from: string; readonly files: number; readonly bytes: number };
}

/** `report/judgement.json` */
export interface Judgement {
  readonly format: 1;
  readonly at: string;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly items: readonly ChecklistResult[];
  readonly data: readonly {
    readonly root: string;
    readonly compared: number;
    readonly equal: number;
    readonly differing: number;
    readonly missing: number;
    readonly extra: number;
    readonly rootHash: string;
    /** Root hash of the checkpoint's manifest, which it was compared with; null without one. */
    readonly checkpointHash?: string | null;
    /** Where what was there before is kept: safety copy, and what a restore moved aside. */
    readonly keptAt?: readonly string[];
    readonly explained: string;
  }[];
  readonly images: readonly {
    readonly service: string;
    readonly container: string;
    readonly image: string;
    readonly expected: string | null;
  }[];
  readonly git: {
    readonly head: string;
    readonly branch: string | null;
    readonly tree: string;
    /** The checkpoint's commit and tree; null when none is known. */
    readonly expected?: { readonly commit: string; readonly tree: string | null } | null;
  };
}
