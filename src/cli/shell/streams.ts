/** A stream as the commands of a script see it. */

/** Returns the same stream, except that it is not a terminal, and that `onWrite` is called before each write. */
export function watched<S extends NodeJS.WritableStream>(stream: S, onWrite: () => void): S {
  const write = (...args: Parameters<NodeJS.WritableStream['write']>): boolean => {
    onWrite();
    return stream.write(...args);
  };
  return new Proxy(stream, {
    get: (target, key): unknown => {
      if (key === 'write') return write;
      return key === 'isTTY' ? false : Reflect.get(target, key);
    },
  });
}
