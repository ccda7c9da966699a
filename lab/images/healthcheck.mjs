/** Health check of a container: its own /health answers with status 200. */
const response = await fetch(`http://127.0.0.1:${process.env['PORT']}/health`, { signal: AbortSignal.timeout(2500) });
process.exit(response.ok ? 0 : 1);
