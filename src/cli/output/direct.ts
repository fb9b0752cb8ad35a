/**
 * Output to a file or a pipe that does not wait for a reader. The runtime's own streams take time to load, so they are for terminals, sockets and
 * slow readers. To a file they write once, and report success where a disk that is almost full took only the beginning.
 */
import { EventEmitter } from 'node:events';
import { constants, fstatSync, openSync, writeSync } from 'node:fs';

type Done = (error?: Error | null) => void;

/**
 * The output of a descriptor. Undefined for other kinds than files and pipes.
 * @param own the runtime's stream of it
 */
export function directOutput(fd: number, own: () => NodeJS.WritableStream): NodeJS.WritableStream | undefined {
  const target = withoutWaiting(fd);
  return target === undefined ? undefined : new DirectOutput(target, own);
}

/** After an error it writes no more: later output would look like the rest. */
class DirectOutput extends EventEmitter implements NodeJS.WritableStream {
  readonly writable = true;
  readonly #target: number;
  readonly #own: () => NodeJS.WritableStream;
  #slow: NodeJS.WritableStream | undefined;
  #failure: Error | undefined;

  constructor(target: number, own: () => NodeJS.WritableStream) {
    super();
    this.#target = target;
    this.#own = own;
  }

  write(data: Uint8Array | string, encoding?: BufferEncoding | Done, callback?: Done): boolean {
    const done = typeof encoding === 'function' ? encoding : callback;
    const bytes = typeof data === 'string' ? Buffer.from(data, typeof encoding === 'string' ? encoding : 'utf8') : data;
    try {
      if (this.#failure) throw this.#failure;
      const rest = this.#slow ? bytes : bytes.subarray(written(this.#target, bytes));
      if (rest.length > 0) return (this.#slow ??= this.#own().on('error', () => undefined)).write(rest, done);
      done?.();
      return true;
    } catch (error) {
      this.#failure ??= error as Error;
      done?.(this.#failure);
      this.emit('error', this.#failure);
      return false;
    }
  }

  /** It stays open, as the runtime's own do. */
  end(...[data, encoding, callback]: readonly [unknown?, (BufferEncoding | Done)?, Done?]): this {
    const done = [data, encoding, callback].find((argument) => typeof argument === 'function') as Done | undefined;
    const isData = typeof data === 'string' || data instanceof Uint8Array;
    this.write(isData ? data : '', typeof encoding === 'string' ? encoding : 'utf8', done);
    return this;
  }
}

/**
 * A descriptor whose writes do not wait for a reader: a file, or a pipe that is opened once more, for what opened it first may be another
 * program's, and has to keep its mode. Source: open(2), O_NONBLOCK; proc(5), /proc/self/fd
 */
function withoutWaiting(fd: number): number | undefined {
  try {
    const about = fstatSync(fd);
    if (about.isFIFO()) return openSync(`/proc/self/fd/${String(fd)}`, constants.O_WRONLY | constants.O_NONBLOCK);
    return about.isSocket() ? undefined : fd;
  } catch {
    return undefined;
  }
}

/** Writes bytes until the reader's buffer is full; returns their number. */
function written(fd: number, bytes: Uint8Array): number {
  let count = 0;
  try {
    while (count < bytes.length) count += writeSync(fd, bytes, count);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  return count;
}
