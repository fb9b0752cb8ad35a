/** The signals that end a run. */
export const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof endSignals)[number];

/** Runs a function that blocks this thread, so that no handler can run: in the meantime signals end the process directly. */
export function withoutHandlers<T>(task: () => T): T {
  const handlers = endSignals.map((signal) => [signal, process.listeners(signal)] as const);
  handlers.forEach(([signal, listeners]) => listeners.forEach((listener) => process.off(signal, listener)));
  try {
    return task();
  } finally {
    handlers.forEach(([signal, listeners]) => listeners.forEach((listener) => process.on(signal, listener)));
  }
}
