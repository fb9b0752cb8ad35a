/** The signals that end a run. */
export const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof endSignals)[number];

/** Runs what blocks this thread, where no handler could run: meanwhile the signals end the process by themselves. */
export function withoutHandlers<T>(task: () => T): T {
  const handlers = endSignals.map((signal) => [signal, process.listeners(signal)] as const);
  handlers.forEach(([signal, listeners]) => listeners.forEach((listener) => process.off(signal, listener)));
  try {
    return task();
  } finally {
    handlers.forEach(([signal, listeners]) => listeners.forEach((listener) => process.on(signal, listener)));
  }
}
