import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { TestProject } from 'vitest/node';
import { findTemporalCli } from '../../setup/find-temporal.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly temporalAddress: string;
  }
}

/** One real dev server for all workflow tests; each test has its own task queue and workflow ids. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: findTemporalCli().path }, ui: false },
  });
  project.provide('temporalAddress', environment.address);
  return () => environment.teardown();
}
