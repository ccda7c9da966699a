import { TestWorkflowEnvironment } from '@temporalio/testing';
import { timeSkippingServer } from '../../setup/time-skipping-server.mjs';

/** The library waits five seconds for its server; a Java machine on busy cores may need longer for its first start. */
const tries = 8;

/** A server of its own whose clock jumps to the next timer. */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  for (let n = 1; ; n += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({
        server: { executable: { type: 'existing-path', path: timeSkippingServer() } },
      });
    } catch (error) {
      if (n >= tries || !String(error).includes('did not start')) throw error;
    }
  }
}
