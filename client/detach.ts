/** Ctrl-C, a closed terminal or a reader that went away: the client leaves, the rollback goes on (design §6). */
export interface Detach {
  readonly signal: AbortSignal;
  dispose(): void;
}

const signals = ['SIGINT', 'SIGHUP', 'SIGTERM'] as const;

export function listenForDetach(): Detach {
  const controller = new AbortController();
  const leave = () => controller.abort();
  for (const name of signals) process.on(name, leave);
  // EPIPE and EIO: nobody reads any more. The listeners stay, since a later write would end us with a stack otherwise.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leave);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of signals) process.off(name, leave);
    },
  };
}
