/** What set-up tells people. It goes to standard error: standard output belongs to the command that follows. */

const heartbeatMs = 15_000;
const spinMs = 200;

/** @param {string} text */
export function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

/**
 * Shows that a long work goes on: a line that renews itself on a terminal, elsewhere a line every 15 s.
 * @param {string} what
 * @param {() => string} latest what the work printed last
 * @returns {() => void} ends the showing
 */
export function showProgress(what, latest, stream = process.stderr) {
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  if (!stream.isTTY) {
    const timer = setInterval(() => stream.write(`setup: ${what}: ${seconds()}\n`), heartbeatMs);
    return () => clearInterval(timer);
  }
  const timer = setInterval(() => {
    const line = `setup: ${what}: ${seconds()}  ${latest()}`.slice(0, (stream.columns ?? 80) - 1);
    stream.write(`\r\x1b[2K${line}`);
  }, spinMs);
  return () => {
    clearInterval(timer);
    stream.write('\r\x1b[2K');
  };
}
