/** Where a connection's thread is found; the one-file executable has it inside, and another module in the place of this one. */
export const workerFile: URL | string = new URL('./worker.js', import.meta.url);
