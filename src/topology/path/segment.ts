/** Broadcast domains: how sentences call them, and by which devices the host itself is in them. */
import type { Address, Link } from '../../records/link.ts';
import { parseIp, type Family, type Ip } from '../../values/address.ts';
import { contains, subnetOf, type Subnet } from '../../values/subnet.ts';
import type { Station } from './endpoints.ts';
import type { Spread, Step } from './frames.ts';
import { stepsOfKind } from './hops.ts';
import type { Wiring } from './wiring.ts';

/** An address of the host in a broadcast domain: guests there may use it as their gateway. */
export interface Foothold {
  readonly link: Link;
  readonly ip: Ip;
  readonly subnet: Subnet;
  readonly step: Step;
}

function isUsable({ scope, family: own }: Address, family: Family): boolean {
  return own === family && scope !== 'link' && scope !== 'host';
}

/** The addresses of the host that frames come to, those without a fault on the way first. */
export function footholds(reached: Spread, family: Family): readonly Foothold[] {
  return stepsOfKind('stack', reached).flatMap((step) => {
    const { link } = step.place;
    return link.addresses
      .filter((each) => isUsable(each, family))
      .map(({ address, prefix }) => {
        const ip = parseIp(address, 'address');
        return { link, ip, subnet: subnetOf(ip, prefix), step };
      });
  });
}

/** The foothold in whose subnet an address is; without a known address the first one. */
export function footholdFor(all: readonly Foothold[], ips: readonly Ip[]): Foothold | undefined {
  const known = ips.filter(({ family }) => all.some(({ ip }) => ip.family === family));
  if (known.length === 0) return all[0];
  return all.find(({ subnet }) => known.some((ip) => contains(subnet, ip)));
}

/** `network default (virbr0)`, `brvlan-10 carries VLAN 10`, `br0`. */
export function segmentText(station: Station, reached: Spread, wiring: Wiring): string {
  const { device, name } = station;
  if (device === undefined) return name;
  const bridge = wiring.links.get(device.master ?? '');
  if (bridge === undefined) {
    return device.macvlan === undefined ? `${name} is behind ${device.name}` : `${name} is on ${device.parent ?? ''}`;
  }
  const network = wiring.networkOn.get(bridge.name);
  if (bridge.bridge?.vlanFiltering === true) {
    const vlan = device.vlans?.find(({ pvid }) => pvid)?.id;
    return vlan === undefined
      ? `${device.name} is in no VLAN of ${bridge.name}`
      : `${device.name} is in VLAN ${String(vlan)} of ${bridge.name}`;
  }
  const tagged = stepsOfKind('cable', reached).find(({ place }) => place.tags.length > 0);
  const [vlan] = tagged?.place.tags ?? [];
  if (vlan !== undefined) return `${bridge.name} carries VLAN ${String(vlan)}`;
  return network === undefined
    ? `${name} is on ${bridge.name}`
    : `${name} is in network ${network.name} (${bridge.name})`;
}
