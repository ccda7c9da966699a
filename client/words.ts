import type { CommandFile } from './command.ts';

/** One word of the command line. Its file is loaded only when it is used: help must not wait for Temporal or zod. */
export interface Word {
  readonly word: string;
  readonly summary: string;
  load(): Promise<CommandFile>;
}

export const words: readonly Word[] = [
  {
    word: 'start',
    summary: 'start a rollback and follow it to its verdict',
    load: () => import('./commands/start.ts'),
  },
  {
    word: 'emergency',
    summary: 'shortest path to a serving stable system; takes a running rollback over',
    load: () => import('./commands/emergency.ts'),
  },
  {
    word: 'status',
    summary: 'what is known of the rollback, also with no worker and no server',
    load: () => import('./commands/status.ts'),
  },
  {
    word: 'watch',
    summary: 'follow a running rollback; Ctrl-C only detaches',
    load: () => import('./commands/watch.ts'),
  },
  {
    word: 'handover',
    summary: 'a card for the next person, with the one command to type',
    load: () => import('./commands/handover.ts'),
  },
  {
    word: 'scope',
    summary: 'make a running rollback narrower or wider',
    load: () => import('./commands/scope.ts'),
  },
  {
    word: 'choose',
    summary: 'go on for another scenario',
    load: () => import('./commands/choose.ts'),
  },
  { word: 'answer', summary: 'answer the open question', load: () => import('./commands/answer.ts') },
  { word: 'ack', summary: 'say that you are at it: nobody else is called', load: () => import('./commands/ack.ts') },
  { word: 'pause', summary: 'pause after the step at work', load: () => import('./commands/pause.ts') },
  {
    word: 'resume',
    summary: 'end a pause, or go on with a cancelled or interrupted rollback',
    load: () => import('./commands/resume.ts'),
  },
  {
    word: 'adopt',
    summary: 'go on with a rollback whose Temporal server or machine is gone',
    load: () => import('./commands/adopt.ts'),
  },
  {
    word: 'cancel',
    summary: 'end after the step at work; the stable system is started first',
    load: () => import('./commands/cancel.ts'),
  },
  {
    word: 'report',
    summary: 'where the incident report is, or its content',
    load: () => import('./commands/report.ts'),
  },
  {
    word: 'verify',
    summary: "a rollback's proof made again, and what has changed since; changes nothing",
    load: () => import('./commands/verify.ts'),
  },
  {
    word: 'undo',
    summary: 'bring back exactly what was before a rollback',
    load: () => import('./commands/undo.ts'),
  },
  {
    word: 'recover',
    summary: 'bring single files back from what a rollback has kept',
    load: () => import('./commands/recover.ts'),
  },
  {
    word: 'commit',
    summary: 'end the time in which a rollback can be undone',
    load: () => import('./commands/commit.ts'),
  },
  {
    word: 'prune',
    summary: 'free what committed and undone rollbacks have kept',
    load: () => import('./commands/prune.ts'),
  },
  { word: 'plan', summary: 'what a rollback would do now; changes nothing', load: () => import('./commands/plan.ts') },
  {
    word: 'changes',
    summary: 'what differs now from the checkpoint; changes nothing',
    load: () => import('./commands/changes.ts'),
  },
  {
    word: 'checkpoint',
    summary: 'record the known-good state; list, show, verify and prune recorded ones',
    load: () => import('./commands/checkpoint.ts'),
  },
  {
    word: 'export',
    summary: 'the plan as a shell script, for the day when everything else is dead',
    load: () => import('./commands/export.ts'),
  },
  {
    word: 'doctor',
    summary: 'is everything there that a rollback needs? changes nothing',
    load: () => import('./commands/doctor.ts'),
  },
  { word: 'up', summary: 'start or adopt the embedded server and the worker', load: () => import('./commands/up.ts') },
  { word: 'down', summary: 'stop the worker and the embedded server', load: () => import('./commands/down.ts') },
  {
    word: 'service',
    summary: 'have systemd start both, also after a reboot',
    load: () => import('./commands/service.ts'),
  },
  { word: 'worker', summary: 'run a worker in the foreground', load: () => import('./commands/worker.ts') },
];
