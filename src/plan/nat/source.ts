/** Plans that add and remove source NAT. */
import { isDeepStrictEqual } from 'node:util';
import { KvmnetError } from '../../errors.ts';
import type { NatFacts } from '../../firewall/nat-facts.ts';
import type { NatRules, SourceNat } from '../../records/nat.ts';
import type { Link } from '../../records/link.ts';
import type { Seen } from '../../state/state.ts';
import { formatIp, parseIp, type Ip } from '../../values/address.ts';
import { quoted } from '../../values/quoted.ts';
import { formatSubnet, overlap, parseSubnet, type Subnet } from '../../values/subnet.ts';
import { findLink, hostOf } from '../host/find-link.ts';
import type { Plan } from '../step.ts';
import { forwardingConsent } from './forward.ts';
import { natSteps } from './steps.ts';
import { sourceText } from '../../values/nat-text.ts';

export interface WantedSource {
  readonly subnet: Subnet;
  readonly dev: string;
  /** Undefined: the address that the device has at the time. */
  readonly to: Ip | undefined;
}

export interface SourcePlan extends Plan {
  readonly sources: readonly SourceNat[];
}

type Looked = Seen<'networks' | 'host'>;

interface AddedSource {
  readonly rules: NatRules;
  readonly source: SourceNat;
  readonly warnings: readonly string[];
}

/**
 * Gives packets of a subnet another source address where they leave by a device.
 * @throws INPUT for an address of another family, NOTFOUND for a device, CONFLICT where the subnet has source NAT on the device already
 */
export function addSource(rules: NatRules, { subnet, dev, to }: WantedSource, state: Looked): AddedSource {
  const link = findLink(dev, hostOf(state), 'device');
  if (to !== undefined && to.family !== subnet.family) {
    throw new KvmnetError('INPUT', `${formatIp(to)} is of another family than ${formatSubnet(subnet)}`, {
      hint: 'source NAT does not change the family: name an address of the same one',
    });
  }
  const source: SourceNat = {
    ...{ family: subnet.family, subnet: formatSubnet(subnet), dev },
    ...(to === undefined ? {} : { to: formatIp(to) }),
  };
  const warnings = [...addressWarnings(source, link), ...libvirtWarnings(subnet, state)];
  const other = rules.sources.find((each) => each.dev === dev && overlap(parseSubnet(each.subnet), subnet));
  if (other === undefined) return { rules: { ...rules, sources: [...rules.sources, source] }, source, warnings };
  if (isDeepStrictEqual(other, source)) return { rules, source, warnings };
  throw new KvmnetError('CONFLICT', `source NAT already exists: ${sourceText(other)}`, {
    hint: `remove it first: kvmnet snat remove ${quoted(other.subnet)} --dev ${quoted(dev)}`,
  });
}

/** @see addSource for the errors */
export function planSourceAdd(wanted: WantedSource, facts: NatFacts, state: Looked): SourcePlan {
  const { rules, source, warnings } = addSource(facts.rules, wanted, state);
  return {
    title: `source NAT: ${sourceText(source)}`,
    sources: [source],
    steps: natSteps(rules, facts),
    warnings,
    consent: forwardingConsent([source], facts),
  };
}

function addressWarnings({ to, family, dev }: SourceNat, { addresses }: Link): readonly string[] {
  if (to !== undefined && !addresses.some(({ address }) => address === to)) {
    return [
      `${dev} does not have the address ${to} at the moment: answers reach this host only if they are routed to it`,
    ];
  }
  const has = addresses.some((each) => each.family === family && each.scope !== 'link');
  return has ? [] : [`${dev} has no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address at the moment`];
}

/** libvirt's NAT networks change their sources themselves. */
function libvirtWarnings(subnet: Subnet, { networks }: Looked): readonly string[] {
  return networks
    .filter(({ network }) => network.forward?.mode === 'nat')
    .filter(({ network }) =>
      network.ips.some(({ address }) => address !== undefined && overlap(subnet, hostOnly(address))),
    )
    .map(({ name }) => `network ${name} of libvirt has NAT for its guests itself`);
}

function hostOnly(address: string): Subnet {
  return parseSubnet(`${address}/${parseIp(address).family === 'ipv4' ? '32' : '128'}`);
}

/** `masquerade` is undefined: the address that the device has at the time. @throws INPUT */
export function parseSourceTo(value: string, origin: string): Ip | undefined {
  return value === 'masquerade' ? undefined : parseIp(value, origin);
}

/**
 * @param dev undefined: on all devices
 * @throws NOTFOUND if no source NAT matches
 */
export function planSourceRemove(
  { subnet, dev }: { readonly subnet: Subnet; readonly dev: string | undefined },
  facts: NatFacts,
): SourcePlan {
  const text = formatSubnet(subnet);
  const { sources: all } = facts.rules;
  const removed = all.filter((each) => each.subnet === text && (dev === undefined || each.dev === dev));
  if (removed.length === 0) {
    throw new KvmnetError('NOTFOUND', `no source NAT of ${text}${dev === undefined ? '' : ` on ${dev}`}`, {
      hint: all.length === 0 ? 'this host has none' : `this host has: ${all.slice(0, 5).map(sourceText).join(', ')}`,
    });
  }
  return {
    title: `remove the source NAT of ${text}`,
    sources: removed,
    steps: natSteps({ ...facts.rules, sources: all.filter((each) => !removed.includes(each)) }, facts),
    warnings: [],
    consent: [],
  };
}
