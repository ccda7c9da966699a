import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';

let bundle: Promise<{ readonly code: string }> | undefined;

/** The workflow code as workers run it, bundled once per test process from the sources. */
export function workflowBundle(): Promise<{ readonly code: string }> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
  return bundle;
}

/** Once per process, before anything of the worker is used: expected failures of steps are not worth a page of log. */
export function quietRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'OFF' } },
  });
}
