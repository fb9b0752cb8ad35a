/** Reads the file of port forwards and source NAT. */
import { KvmnetError } from '../errors.ts';
import type { Forward, NatRules, SourceNat } from '../records/nat.ts';
import { parseIp } from '../values/address.ts';
import { parseDeviceName } from '../values/name.ts';
import { parseSubnet } from '../values/subnet.ts';
import { noRules } from './nat-facts.ts';
import { natPath } from './nat-files.ts';

/**
 * @param text undefined where the file does not exist
 * @throws CONFLICT for a file that another version or a person has made unreadable: nothing is guessed of it
 */
export function readNat(text: string | undefined): NatRules {
  if (text === undefined) return noRules;
  try {
    const { version, forwards, sources } = JSON.parse(text) as Partial<NatRules> & { readonly version?: unknown };
    if (version !== 1) throw new Error(`its version is ${String(version)}`);
    if (!forwards?.every(isForward)) throw new Error('an entry of "forwards" is not complete');
    if (!sources?.every(isSource)) throw new Error('an entry of "sources" is not complete');
    return { forwards, sources };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KvmnetError('CONFLICT', `${natPath} cannot be read: ${reason}`, {
      hint: 'mend it, or move it away and add the forwards again',
      cause,
    });
  }
}

function isForward({ family, protocol, listen, dev, ports, target }: Forward): boolean {
  listen.forEach((address) => parseIp(address, 'listen'));
  [dev, target.dev].forEach((name) => name === undefined || parseDeviceName(name, 'dev'));
  parseSubnet(target.subnet, 'subnet');
  return (
    parseIp(target.address, 'address').family === family &&
    (protocol === 'tcp' || protocol === 'udp') &&
    [...ports, target.port].every(isPort) &&
    ports.length === 2
  );
}

function isSource({ family, subnet, dev, to }: SourceNat): boolean {
  parseDeviceName(dev, 'dev');
  if (to !== undefined) parseIp(to, 'to');
  return parseSubnet(subnet, 'subnet').family === family;
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535;
}
