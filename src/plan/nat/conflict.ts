/** Finds other users of the ports of a new forward. */
import { KvmnetError } from '../../errors.ts';
import { homes } from '../../firewall/nat-home.ts';
import type { ForwardFacts } from '../../firewall/nat-facts.ts';
import { formatPlace, type Place, type Table, type Translation } from '../../firewall/ruleset.ts';
import type { Listener } from '../../records/listener.ts';
import type { Forward, PortRange } from '../../records/nat.ts';
import { formatIp } from '../../values/address.ts';
import { formatPorts } from '../../values/forward.ts';
import { quoted } from '../../values/quoted.ts';
import { forwardText, targetText } from '../../values/nat-text.ts';

/**
 * @param others the existing forwards, without the new one
 * @throws CONFLICT that names the other forward, the process or the rule that has a port
 */
export function requireFree(
  forward: Forward,
  others: readonly Forward[],
  { listeners, tables }: Pick<ForwardFacts, 'listeners' | 'tables'>,
): void {
  const other = others.find((each) => overlaps(each, forward));
  if (other) {
    throw new KvmnetError('CONFLICT', `${forwardText(other)} is forwarded to ${targetText(other)} already`, {
      hint: `choose another port, or remove it first: kvmnet forward remove ${quoted(forwardText(other))}`,
    });
  }
  const listener = listeners.find((each) => listensTo(each, forward));
  if (listener) {
    const { process, port } = listener;
    const who = process === undefined ? 'a process' : `${process.name} (process ${String(process.pid)})`;
    throw new KvmnetError('CONFLICT', `${who} listens on port ${String(port)}/${forward.protocol} of this host`, {
      hint: 'choose another port, or stop that process: the forward would take its connections',
    });
  }
  const place = foreignForward(forward, tables);
  if (place) {
    throw new KvmnetError(
      'CONFLICT',
      `port ${formatPorts(forward.ports)}/${forward.protocol} is forwarded by another program already: ${formatPlace(place)}`,
      {
        hint: 'choose another port, or remove that rule with the program that made it',
      },
    );
  }
}

/** True where some packets would be of both. */
export function overlaps(a: Forward, b: Forward): boolean {
  if (a.family !== b.family || a.protocol !== b.protocol || !rangesMeet(a.ports, b.ports)) return false;
  if (a.dev !== undefined && b.dev !== undefined && a.dev !== b.dev) return false;
  return a.listen.length === 0 || b.listen.length === 0 || a.listen.some((address) => b.listen.includes(address));
}

function rangesMeet([first, last]: PortRange, [from, to]: PortRange): boolean {
  return first <= to && from <= last;
}

/** Addresses that mean all of a family; ss prints `*` for both. */
const anyAddress = { ipv4: ['*', '0.0.0.0'], ipv6: ['*', '::'] } as const;

function listensTo({ protocol, address, device, port }: Listener, forward: Forward): boolean {
  const { listen, dev, family, ports } = forward;
  if (protocol !== forward.protocol || !rangesMeet(ports, [port, port])) return false;
  if (dev !== undefined && device !== undefined && dev !== device) return false;
  const anywhere: readonly string[] = anyAddress[family];
  if (anywhere.includes(address)) return true;
  if (address.includes(':') !== (family === 'ipv6')) return false;
  return listen.length === 0 ? dev === undefined || !address.startsWith('127.') : listen.includes(address);
}

/** A rule of another program that translates packets of one of the ports to another target: docker's published ports, a rule by hand. */
function foreignForward({ family, protocol, ports, target }: Forward, tables: readonly Table[]): Place | undefined {
  const ours = new Set(Object.values(homes).map(({ dnat }) => dnat.chain));
  const families: readonly string[] = ['inet', family === 'ipv4' ? 'ip' : 'ip6'];
  for (const table of tables.filter((each) => families.includes(each.family))) {
    for (const chain of table.chains.filter(({ name }) => !ours.has(name))) {
      const rule = chain.rules.find(
        ({ effect, conditions }) =>
          (effect.kind === 'redirect' || (effect.kind === 'dnat' && !leadsTo(effect, target))) &&
          conditions.some(
            ({ on, ...rest }) => on === 'protocol' && 'names' in rest && rest.names.includes(protocol as never),
          ) &&
          conditions.some(
            (each) => each.on === 'destinationPort' && each.ranges.some((range) => rangesMeet(range, ports)),
          ),
      );
      if (rule) return { table, chain, rule };
    }
  }
  return undefined;
}

/** firewalld with StrictForwardPorts lets a forward pass only if it has the same one. */
function leadsTo({ address, ports }: Translation, target: Forward['target']): boolean {
  return address !== undefined && formatIp(address.start) === target.address && ports?.[0] === target.port;
}
