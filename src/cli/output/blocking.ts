/**
 * Bun makes the streams that it inherits non-blocking, for the programs that share them too, and leaves them so. In the one-file executable
 * .ci/executable.mjs substitutes another module for this one; Node.js restores them itself.
 */

/** Makes the inherited streams blocking again that were so at the start. */
export function restoreBlocking(): void {
  // Node.js has done so.
}
