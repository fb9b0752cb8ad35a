/** Parts of a libvirt URI, before it is opened. @see https://libvirt.org/uri.html */
import { KvmnetError } from '../errors.ts';
import { isDaemonsSocket, isOwnSocket, realPath } from '../host/sockets.ts';

export interface UriParts {
  /** `qemu`, `lxc`, `test`, … */
  readonly driver: string;
  /** `unix`, `ssh`, `tcp`, …; undefined where the URI names none. */
  readonly transport: string | undefined;
  readonly host: string | undefined;
  readonly path: string;
  /** The unix socket that it names, here or on the other host. */
  readonly socket: string | undefined;
}

/** Parameters that make the client run a program of the URI's choice. */
const dangerous = ['command', 'netcat'];

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
  const parameters = parseQuery(match?.[5] ?? '');
  if (dangerous.some((name) => parameters.has(name)) || match?.[2] === 'ext') {
    throw new KvmnetError('INPUT', `the URI ${uri} starts a program of its own choice; kvmnet does not open it`, {
      hint: 'add it to uri_aliases of libvirt.conf, and use the alias with virsh',
    });
  }
  return {
    driver,
    transport: match?.[2],
    host: match?.[3] === '' ? undefined : match?.[3],
    path: match?.[4] ?? '/',
    socket: parameters.get('socket'),
  };
}

/** As libvirt reads it: `&` or `;` between parameters, names in any case, `%41` in names too, and the last of a name counts. */
function parseQuery(query: string): ReadonlyMap<string, string> {
  const pairs = query
    .replace(/^\?/, '')
    .split(/[&;]/)
    .map((pair) => pair.split(/=(.*)/s));
  return new Map(pairs.map(([name = '', value = '']) => [unescape(name).toLowerCase(), unescape(value)]));
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The daemon that a URI leads to, by a name that all URIs of one daemon of this machine share: `qemu:///system` whatever the transport and
 * the socket's path are. A socket that is not the daemon's own may lead anywhere: it has its real path in the name.
 */
export function daemonOf(uri: string): string {
  const { driver, path, socket } = parseUri(uri);
  if (driver === 'test' || !isOnThisMachine(uri)) return uri;
  const daemon = `${driver}://${path}`;
  return socket === undefined || isOwnSocket(socket, isSession(uri)) ? daemon : `${daemon}?socket=${realPath(socket)}`;
}

/**
 * True where the connection's kernel is this machine's: links and addresses can be looked at. A socket that ssh or a proxy passes on may
 * come from another host: its links are not taken for ours.
 */
export function isLocal(uri: string): boolean {
  const { driver, socket } = parseUri(uri);
  if (driver === 'test' || !isOnThisMachine(uri)) return false;
  return socket === undefined || isOwnSocket(socket, isSession(uri)) || isDaemonsSocket(socket);
}

/** True if no network, no ssh and no other host is between kvmnet and the driver. */
export function isOnThisMachine(uri: string): boolean {
  const { transport, host } = parseUri(uri);
  return host === undefined && (transport === undefined || transport === 'unix');
}

/** True for a user's own daemon, which can have neither bridges nor NAT. */
export function isSession(uri: string): boolean {
  return parseUri(uri).path === '/session';
}
