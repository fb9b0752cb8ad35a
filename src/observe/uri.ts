/** What a libvirt URI says before it is opened. Source: https://libvirt.org/uri.html */
import { KvmnetError } from '../errors.ts';

export interface UriParts {
  /** `qemu`, `lxc`, `test`, … */
  readonly driver: string;
  /** `unix`, `ssh`, `tcp`, …; undefined where the URI names none. */
  readonly transport: string | undefined;
  readonly host: string | undefined;
  readonly path: string;
}

/** Parameters that make the client run a program of the URI's choice. */
const dangerous = /[?&](command|netcat)=/;

/**
 * Takes a URI apart.
 * Throws INPUT for what is not a URI, and for one that would start a program (`?command=`, `?netcat=`, `+ext`): those come from an
 * administrator's libvirt.conf aliases, not from a command line or an environment.
 */
export function parseUri(uri: string): UriParts {
  const match = /^([a-z]+)(?:\+([a-z0-9]+))?:\/\/([^/?]*)(\/[^?]*)?(\?.*)?$/i.exec(uri);
  const driver = match?.[1];
  if (driver === undefined) {
    throw new KvmnetError('INPUT', `${JSON.stringify(uri)} is not a libvirt URI`, {
      hint: 'URIs look like qemu:///system, lxc:///system, qemu+ssh://root@host/system or test:///default',
    });
  }
  if (dangerous.test(uri) || match?.[2] === 'ext') {
    throw new KvmnetError('INPUT', `the URI ${uri} starts a program of its own choice; kvmnet does not open it`, {
      hint: 'put it into uri_aliases of libvirt.conf, and use the alias with virsh',
    });
  }
  return { driver, transport: match?.[2], host: match?.[3] === '' ? undefined : match?.[3], path: match?.[4] ?? '/' };
}

/** True where the connection's kernel is this machine's: links and addresses can be looked at. */
export function isLocal(uri: string): boolean {
  return parseUri(uri).driver !== 'test' && isOnThisMachine(uri);
}

/** True where no network, no ssh and no other host stands between us and the driver. */
export function isOnThisMachine(uri: string): boolean {
  const { transport, host } = parseUri(uri);
  return host === undefined && (transport === undefined || transport === 'unix');
}

/** True for a user's own daemon, which can have neither bridges nor NAT. */
export function isSession(uri: string): boolean {
  return parseUri(uri).path === '/session';
}
