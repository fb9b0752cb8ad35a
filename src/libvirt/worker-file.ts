/** The file of a connection's thread. The one-file executable has it inside: .ci/executable.mjs substitutes another module for this one. */
export const workerFile: URL | string = new URL('./worker.js', import.meta.url);
