/** The words of port forwards: where a connection arrives, and where it goes. */
import type { PortRange, Protocol } from '../records/nat.ts';
import { formatIp, parseIp, type Ip } from './address.ts';
import { invalid, invalidWithHint, partOf, type Origin } from './invalid.ts';
import { parseDeviceName } from './name.ts';
import { bounds, parseInteger } from './number.ts';

/** Where connections arrive that are forwarded. */
export interface Arrival {
  /** Addresses of the host; none: each of its own. */
  readonly listen: readonly Ip[];
  /** The device by which they have to arrive. */
  readonly dev: string | undefined;
  readonly ports: PortRange;
  /** Where the text names one: `53/udp`. */
  readonly protocol: Protocol | undefined;
}

/** The target of a forward as typed: an address, or a word that is the name of a guest. */
export interface TypedTarget {
  readonly who: Ip | string;
  /** Undefined: the port stays as it is. */
  readonly port: number | undefined;
}

export const protocols: readonly Protocol[] = ['tcp', 'udp'];

const examples = '8080, eth0:80, 192.0.2.1:8000-8010, [2001:db8::1]:80 or 53/udp';

/**
 * `[LISTEN:]PORT[-PORT][/PROTOCOL]`. LISTEN is a device, a list of addresses separated by commas, or both as ss(8) prints them:
 * `192.0.2.1%eth0`. IPv6 addresses have brackets.
 */
export function parseArrival(value: string, origin: Origin = 'PORT'): Arrival {
  const [, where, ports = '', protocol] = /^(?:(.*):)?([^:/[\]]*)(?:\/([^/]*))?$/.exec(value) ?? [];
  if (ports === '') throw invalidWithHint(origin, value, 'the port is missing', `for example ${examples}`);
  return {
    ...(where === undefined ? { listen: [], dev: undefined } : parseListen(where, partOf(origin, value, 'LISTEN'))),
    ports: parsePorts(ports, value === ports ? origin : partOf(origin, value, 'port')),
    protocol: protocol === undefined ? undefined : parseProtocol(protocol, partOf(origin, value, 'protocol')),
  };
}

function parseProtocol(value: string, origin: Origin): Protocol {
  const known = protocols.find((protocol) => protocol === value.toLowerCase());
  if (known !== undefined) return known;
  throw invalid(origin, value, 'a forward is of tcp or udp', 'tcp');
}

function parseListen(value: string, origin: Origin): Pick<Arrival, 'listen' | 'dev'> {
  const [addresses = '', device, ...more] = value.split('%');
  if (more.length > 0) throw invalid(origin, value, 'it has two devices', '192.0.2.1%eth0');
  if (device === undefined && !/^[\d.,[]|:/.test(addresses)) return { listen: [], dev: parseDeviceName(value, origin) };
  const listen = addresses.split(',').map((address) => parseListenAddress(address, origin));
  const families = new Set(listen.map(({ family }) => family));
  if (families.size > 1) {
    throw invalidWithHint(
      origin,
      value,
      'its addresses are of IPv4 and of IPv6',
      'add a forward for each: they have different targets',
    );
  }
  return { listen, dev: device === undefined ? undefined : parseDeviceName(device, origin) };
}

function parseListenAddress(value: string, origin: Origin): Ip {
  const [, bracketed] = /^\[([^\]]*)\]$/.exec(value) ?? [];
  if (bracketed === undefined && value.includes(':')) {
    throw invalidWithHint(origin, value, 'an IPv6 address needs brackets', `write [${value}]:PORT`);
  }
  const ip = parseIp(bracketed ?? value, origin);
  if (ip.value !== 0n) return ip;
  const any = ip.family === 'ipv4' ? '0.0.0.0' : '::';
  throw invalidWithHint(
    origin,
    value,
    `${any} means every address`,
    'leave it out to listen on all addresses of the host',
  );
}

/** `80`, `8000-8010` */
function parsePorts(value: string, origin: Origin): PortRange {
  const [first = '', last = first, ...more] = value.split('-');
  if (more.length > 0 || first === '' || last === '')
    throw invalid(origin, value, 'a range of ports is FIRST-LAST', '8000-8010');
  const ports = [parseInteger(first, origin, bounds.port), parseInteger(last, origin, bounds.port)] as const;
  if (ports[0] <= ports[1]) return ports;
  throw invalid(origin, value, 'the range ends before it starts', `${last}-${first}`);
}

/** `VM1`, `VM1:80`, `192.168.3.10:10080`, `[fd00::10]:80`, `fd00::10` */
export function parseTarget(value: string, origin: Origin = 'TARGET'): TypedTarget {
  const [, bracketed, bracketedPort] = /^\[([^\]]*)\](?::(.*))?$/.exec(value) ?? [];
  if (bracketed !== undefined) return withPort(parseIp(bracketed, origin), bracketedPort, value, origin);
  if (/^[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*$/i.test(value)) return { who: parseIp(value, origin), port: undefined };
  const [, name = '', port] = /^(.*?)(?::([^:]*))?$/.exec(value) ?? [];
  if (name === '')
    throw invalidWithHint(origin, value, 'the target is missing', 'for example VM1:80 or 192.168.3.10:80');
  return withPort(/^[\d.]+$/.test(name) ? parseIp(name, origin) : name, port, value, origin);
}

function withPort(who: Ip | string, port: string | undefined, value: string, origin: Origin): TypedTarget {
  if (port === undefined) return { who, port: undefined };
  return { who, port: parseInteger(port, partOf(origin, value, 'port'), bounds.port) };
}

/** As `parseArrival` reads it. */
export function formatArrival({ listen, dev, ports, protocol }: Arrival): string {
  const addresses = listen.map((ip) => (ip.family === 'ipv6' ? `[${formatIp(ip)}]` : formatIp(ip))).join(',');
  const where = [addresses, dev].filter((part) => part !== undefined && part !== '').join('%');
  return `${where === '' ? '' : `${where}:`}${formatPorts(ports)}${protocol === undefined ? '' : `/${protocol}`}`;
}

export function formatPorts([first, last]: PortRange): string {
  return first === last ? String(first) : `${String(first)}-${String(last)}`;
}

/** `192.168.3.10:80`, `[fd00::10]:80` */
export function formatEndpoint(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${String(port)}`;
}
