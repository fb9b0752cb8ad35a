/** Reads the file of port forwards and source NAT. */
import { KvmnetError } from '../errors.ts';
import type { Forward, NatRules, SourceNat } from '../records/nat.ts';
import { parseIp } from '../values/address.ts';
import { protocols } from '../values/forward.ts';
import { parseDeviceName } from '../values/name.ts';
import { bounds } from '../values/number.ts';
import { parseSubnet } from '../values/subnet.ts';
import { noRules } from './nat.ts';
import { natPath } from './nat-files.ts';

/**
 * @param text undefined where the file does not exist
 * @throws CONFLICT for a file that another version or a person has made unreadable: nothing is guessed of it
 */
export function readNat(text: string | undefined): NatRules {
  if (text === undefined) return noRules;
  try {
    const { version, forwards, sources } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (version !== 1) throw new Error(`its version is ${String(version)}`);
    if (!isList(forwards) || !forwards.every(isForward)) throw new Error('an entry of "forwards" is not complete');
    if (!isList(sources) || !sources.every(isSource)) throw new Error('an entry of "sources" is not complete');
    return { forwards, sources };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KvmnetError('CONFLICT', `${natPath} cannot be read: ${reason}`, {
      hint: 'repair it, or move it away and add the forwards again',
      cause,
    });
  }
}

function isList(list: unknown): list is readonly unknown[] {
  return Array.isArray(list);
}

/** An entry of which nothing is known yet. */
type Unread = Readonly<Record<string, unknown>>;

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error(`${JSON.stringify(value)} is not a text`);
}

function isForward(entry: unknown): entry is Forward {
  const { family, protocol, listen, dev, ports, target, admitted = [] } = (entry ?? {}) as Unread;
  const { address, subnet, dev: leadsTo, port } = (target ?? {}) as Unread;
  const texts: readonly unknown[] = Array.isArray(listen) ? listen : [undefined];
  texts.forEach((each) => parseIp(textOf(each), 'listen'));
  if (dev !== undefined) parseDeviceName(textOf(dev), 'dev');
  parseDeviceName(textOf(leadsTo), 'dev');
  parseSubnet(textOf(subnet), 'subnet');
  const numbers: readonly unknown[] = Array.isArray(ports) ? ports : [];
  return (
    parseIp(textOf(address), 'address').family === family &&
    protocols.some((known) => known === protocol) &&
    numbers.length === 2 &&
    isList(admitted) &&
    admitted.every(isAdmittedRule) &&
    [...numbers, port].every(isPort)
  );
}

/** Its words become part of a transaction: none can end the line. */
function isAdmittedRule(rule: unknown): boolean {
  const { tool, family, table, chain, comment, words } = (rule ?? {}) as Unread;
  const texts: readonly unknown[] = [family, table, chain, comment, ...(isList(words) ? words : [undefined])];
  return (tool === 'iptables' || tool === 'nft') && texts.every((text) => /^[\w.:/"%,![\]{}*+-]+$/.test(textOf(text)));
}

function isSource(entry: unknown): entry is SourceNat {
  const { family, subnet, dev, to } = (entry ?? {}) as Unread;
  parseDeviceName(textOf(dev), 'dev');
  if (to !== undefined) parseIp(textOf(to), 'to');
  return parseSubnet(textOf(subnet), 'subnet').family === family;
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && Number(port) >= bounds.port.min && Number(port) <= bounds.port.max;
}
