/** Changes between two readings of libvirt's objects or leases. */
import type { Lease } from '../../records/lease.ts';
import type { Happening, LeaseHappening } from '../../records/timeline.ts';

/** Networks and VMs by name, each with whether it is active. */
export interface Objects {
  readonly networks: ReadonlyMap<string, boolean>;
  readonly domains: ReadonlyMap<string, boolean>;
}

/** The events that two readings imply. */
export function objectChanges(before: Objects, after: Objects): readonly Happening[] {
  const networks = changes(before.networks, after.networks);
  const domains = changes(before.domains, after.domains);
  return [
    ...networks.map(({ name, event }): Happening => ({ source: 'libvirt', object: 'network', name, event })),
    ...domains.map(({ name, event }): Happening => ({ source: 'libvirt', object: 'domain', name, event })),
  ];
}

function changes(
  before: ReadonlyMap<string, boolean>,
  after: ReadonlyMap<string, boolean>,
): readonly { readonly name: string; readonly event: string }[] {
  const gone = [...before].filter(([name]) => !after.has(name)).map(([name]) => ({ name, event: 'undefined' }));
  const others = [...after].flatMap(([name, isActive]) => {
    const was = before.get(name);
    return [
      ...(was === undefined ? [{ name, event: 'defined' }] : []),
      ...((was ?? false) === isActive ? [] : [{ name, event: isActive ? 'started' : 'stopped' }]),
    ];
  });
  return [...gone, ...others];
}

/** The leases of one network. */
export interface NetworkLeases {
  readonly network: string;
  readonly leases: readonly Lease[];
}

/**
 * The leases that have begun and ended between two readings.
 * @param domainOf the VM with a NIC of this MAC address
 */
export function leaseChanges(
  before: readonly NetworkLeases[],
  after: readonly NetworkLeases[],
  domainOf: (mac: string | undefined) => string | undefined,
): readonly LeaseHappening[] {
  const [old, present] = [byKey(before), byKey(after)];
  const event = ([network, { address, mac, hostname }]: Named, what: LeaseHappening['event']): LeaseHappening => ({
    ...{ source: 'dnsmasq', object: 'lease', name: network, event: what, address, mac },
    ...{ hostname, domain: domainOf(mac) },
  });
  return [
    ...[...old].filter(([key]) => !present.has(key)).map(([, lease]) => event(lease, 'ended')),
    ...[...present].filter(([key]) => !old.has(key)).map(([, lease]) => event(lease, 'added')),
  ];
}

type Named = readonly [network: string, lease: Lease];

function byKey(all: readonly NetworkLeases[]): ReadonlyMap<string, Named> {
  const named = all.flatMap(({ network, leases }) => leases.map((lease): Named => [network, lease]));
  return new Map(named.map((each) => [JSON.stringify([each[0], each[1].address, each[1].mac]), each]));
}
