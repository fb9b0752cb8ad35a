/**
 * Helpers of every procedure for the C library: libvirt's last error as an Error, handles that are always freed, lists decoded
 * and freed, strings copied. Pointers come in and go out here, never across threads.
 */
import koffi, { type TypeObject } from 'koffi';
import { LibvirtError, virErrors, type VirError } from './error.ts';
import * as c from './ffi/ffi.ts';
import type { Pointer } from './ffi/ffi.ts';
import { requireVersion, symbol } from './ffi/library.ts';

const virErrorStruct = koffi.struct('virError', {
  code: 'int',
  domain: 'int',
  message: 'str',
  level: 'int',
  conn: 'void *',
  dom: 'void *',
  str1: 'str',
  str2: 'str',
  str3: 'str',
  int1: 'int',
  int2: 'int',
  net: 'void *',
});

let initialized = false;

/** Prepares the library for this thread; without it libvirt prints each error on stderr. */
export function initialize(): void {
  if (initialized) return;
  requireVersion();
  // The handler is called as (userData, error) in whatever thread raised the error: a JavaScript callback would have to wait for
  // its own thread. virResetError(NULL) is a native function that does nothing, and userData is NULL.
  c.virSetErrorFunc(null, symbol('virResetError'));
  if (c.virInitialize() < 0) throw lastError('virInitialize');
  initialized = true;
}

/** libvirt's last error in this thread, made an Error and reset. */
export function lastError(function_: string): LibvirtError {
  const pointer = c.virGetLastError();
  const virError: VirError = pointer
    ? { function: function_, ...pick(koffi.decode(pointer, virErrorStruct) as Omit<VirError, 'function'>) }
    : noError(function_);
  c.virResetLastError();
  return new LibvirtError(virError);
}

/** Without the three pointers to libvirt's own objects. */
function pick(error: Omit<VirError, 'function'>): Omit<VirError, 'function'> {
  const { code, domain, message, level, str1, str2, str3, int1, int2 } = error;
  return { code, domain, message, level, str1, str2, str3, int1, int2 };
}

function noError(function_: string): VirError {
  const message = `${function_} failed without an error`;
  return {
    function: function_,
    code: 1,
    domain: 0,
    message,
    level: 2,
    str1: null,
    str2: null,
    str3: null,
    int1: 0,
    int2: 0,
  };
}

/** The result of a C function that returns -1 on failure. */
export function check(function_: string, result: number): number {
  if (result < 0) throw lastError(function_);
  return result;
}

/** The result of a C function that returns NULL on failure. */
export function present<T>(function_: string, result: T | null): T {
  if (result === null) throw lastError(function_);
  return result;
}

/** Hands a handle to `use`, and frees it whatever happens. */
export function using<T>(
  function_: string,
  handle: Pointer,
  free: (handle: Pointer) => unknown,
  use: (handle: Pointer) => T,
): T {
  const pointer = present(function_, handle);
  try {
    return use(pointer);
  } finally {
    free(pointer);
  }
}

/** Calls a C function that fills an array of handles, maps each, and frees the handles and the array. */
export function mapList<T>(
  function_: string,
  fill: (list: [bigint | null]) => number,
  free: (handle: Pointer) => unknown,
  map: (handle: Pointer) => T,
): T[] {
  const list: [bigint | null] = [null];
  const count = check(function_, fill(list));
  const array = list[0];
  if (array === null) return [];
  const handles = decodePointers(array, count);
  try {
    return handles.map(map);
  } finally {
    handles.forEach(free);
    koffi.free(array);
  }
}

/** Like a map over a list, leaving out what vanished between the listing and the look. */
export function mapExisting<T>(...parameters: Parameters<typeof mapList<T | undefined>>): T[] {
  const [function_, fill, free, map] = parameters;
  return mapList(function_, fill, free, (handle) => unlessGone(() => map(handle))).filter(
    (item): item is Exclude<typeof item, undefined> => item !== undefined,
  );
}

const gone: readonly number[] = [
  virErrors.VIR_ERR_NO_NETWORK,
  virErrors.VIR_ERR_NO_DOMAIN,
  virErrors.VIR_ERR_NO_DOMAIN_SNAPSHOT,
  virErrors.VIR_ERR_NO_INTERFACE,
  virErrors.VIR_ERR_NO_NETWORK_PORT,
  virErrors.VIR_ERR_NO_NWFILTER,
  virErrors.VIR_ERR_NO_NWFILTER_BINDING,
];

/** Returns the data of one item of a list, or the result of `otherwise` for libvirt's error, so that the other items are still listed. */
export function orProblem<T>(look: () => T, otherwise: (problem: string) => T): T {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof LibvirtError) || gone.includes(error.virError.code)) throw error;
    return otherwise(error.message);
  }
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof LibvirtError && gone.includes(error.virError.code)) return undefined;
    throw error;
  }
}

const uuidBuffer = Buffer.alloc(37); // VIR_UUID_STRING_BUFLEN

/** The UUID that a C getter writes into a buffer, in its 36 characters. */
export function uuidString(function_: string, get: (buffer: Buffer) => number): string {
  check(function_, get(uuidBuffer));
  return uuidBuffer.toString('latin1', 0, 36);
}

/** Decodes one C structure. */
export function decode<T>(pointer: Pointer, type: TypeObject): T {
  return koffi.decode(pointer, type) as T;
}

/**
 * Decodes `count` C structures that stand one behind the other.
 * One by one: each time that koffi 3.3 is given a count, it keeps a few bytes for ever.
 */
export function decodeArray<T>(pointer: Pointer, type: TypeObject, count: number): T[] {
  const size = koffi.sizeof(type);
  return Array.from({ length: count }, (_, index) => koffi.decode(pointer, index * size, type) as T);
}

const voidPointer = koffi.pointer('void');

/** Decodes an array of `count` pointers. */
export function decodePointers(pointer: Pointer, count: number): Pointer[] {
  return decodeArray<Pointer>(pointer, voidPointer, count);
}
