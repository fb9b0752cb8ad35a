/** libvirt.so.0 itself: loaded once for each thread, and refused where it is too old, or not libvirt's. */
import koffi from 'koffi';
import { exhausted, KvmnetError } from '../../errors.ts';

/** An address in the library's memory; null is C's NULL. */
export type Pointer = bigint | null;

let library: ReturnType<typeof koffi.load> | undefined;

/**
 * Loads libvirt.so.0 once for this thread.
 * Throws DEPENDENCY where it is not installed.
 */
export function libvirt(): ReturnType<typeof koffi.load> {
  try {
    return (library ??= koffi.load('libvirt.so.0', { lazy: true }));
  } catch (cause) {
    if (exhausted(cause) !== undefined) throw cause;
    throw new KvmnetError('DEPENDENCY', "libvirt's client library libvirt.so.0 is not installed", {
      hint: 'install it: apt-get install libvirt0 (Debian, Ubuntu) or dnf install libvirt-libs (Fedora, RHEL)',
      cause,
    });
  }
}

/** An address of the library. Throws DEPENDENCY where it has none of that name. */
export function symbol(name: string): Pointer {
  try {
    return libvirt().symbol(name) as Pointer;
  } catch (cause) {
    throw cause instanceof KvmnetError ? cause : missingSymbol(name, cause);
  }
}

/** Refuses a library that is too old, before anything else is asked of it. Throws DEPENDENCY with its version. */
export function requireVersion(): void {
  const version = installedVersion();
  if (version === undefined) throw unsuitable("is not libvirt's library: it has no version");
  if (version < oldest * 1_000_000) throw unsuitable(`is libvirt ${text(version)}`);
}

/** The error for a function or symbol that the library does not have. */
export function missingSymbol(name: string, cause: unknown): KvmnetError {
  const version = installedVersion();
  return unsuitable(
    version === undefined ? `has no ${name}` : `is libvirt ${text(version)}, which has no ${name}`,
    cause,
  );
}

/** The major release that the basics need. */
const oldest = 6;

function unsuitable(what: string, cause?: unknown): KvmnetError {
  return new KvmnetError('DEPENDENCY', `the installed libvirt.so.0 ${what}`, {
    hint: `kvmnet needs libvirt ${String(oldest)}.0 or newer: update libvirt0 (Debian, Ubuntu) or libvirt-libs (Fedora, RHEL)`,
    cause,
  });
}

/** Returns the versions of koffi and of libvirt's client library, which is undefined if it is not installed or has none. */
export function libraryVersions(): { readonly libvirt: string | undefined; readonly koffi: string } {
  let version: number | undefined;
  try {
    version = installedVersion();
  } catch (error) {
    if (!(error instanceof KvmnetError)) throw error;
  }
  return { libvirt: version === undefined ? undefined : text(version), koffi: koffi.version };
}

/** Returns major * 1,000,000 + minor * 1,000 + release; undefined for a library without a version. */
function installedVersion(): number | undefined {
  const version: [number | null] = [null];
  try {
    const get = libvirt().func('int virGetVersion(_Out_ ulong *version, const char *type, ulong *typeVersion)');
    return get(version, null, null) === 0 ? Number(version[0]) : undefined;
  } catch (error) {
    if (error instanceof KvmnetError) throw error;
    return undefined;
  }
}

function text(version: number): string {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000].join('.');
}
