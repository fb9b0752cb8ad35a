/** Checks of the host's own NICs, VLAN devices and addresses. */
import type { Address, Link } from '../../records/link.ts';
import type { WholeHost } from '../../state/state.ts';
import { groupBy } from '../../values/group-by.ts';
import { parseIp } from '../../values/address.ts';
import { formatSubnet, subnetOf } from '../../values/subnet.ts';
import { deviceSetting } from '../../values/sysctl.ts';
import { advice, check, shell, type Check, type Complaint } from '../check.ts';
import { isUplink, portsOf } from '../ports.ts';

interface Held {
  readonly link: Link;
  readonly address: Address;
}

function heldAddresses({ links }: Pick<WholeHost, 'links'>): readonly Held[] {
  return links.flatMap((link) =>
    link.addresses.filter(({ scope }) => scope !== 'link' && scope !== 'host').map((address) => ({ link, address })),
  );
}

const addressTwice = check({
  code: 'address-twice',
  severity: 'error',
  title: 'Two devices of the host have the same address',
  explanation:
    'The host answers by one of them, whichever a packet arrives on. A script that moves an address to a bridge has left it on the NIC.',
  example: 'ip address delete 192.168.1.5/24 dev eno1',
  needs: ['host'],
  find: ({ host }) =>
    [...groupBy(heldAddresses(host), ({ address }) => address.address)].flatMap(
      ([address, held]): readonly Complaint[] => {
        const [first, ...others] = held;
        const last = others.find(({ link }) => link.master !== undefined) ?? others.at(-1);
        if (first === undefined || last === undefined) return [];
        const devices = held.map(({ link }) => link.name);
        const text = `${address}/${String(last.address.prefix)}`;
        return [
          {
            message: `${devices.join(' and ')} both have the address ${address}`,
            evidence: { address, devices },
            remedy: shell(`ip address delete ${text} dev ${last.link.name}`),
          },
        ];
      },
    ),
});

/** Devices that share a subnet with the NIC below them by intention. */
const shadows: readonly (string | undefined)[] = ['macvlan', 'ipvlan', 'macvtap'];

const arpFlux = check({
  code: 'arp-flux',
  severity: 'warning',
  title: 'Two NICs of the host are in one subnet',
  explanation:
    'Each NIC answers ARP requests for the addresses of both, and answers leave by either: the traffic of one address arrives at the wrong NIC, and filters drop it. The remedy lets each NIC answer for its own addresses only, until the next boot; a bond, or one NIC for each subnet, is better.',
  example: 'sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2',
  needs: ['host', 'kernel'],
  find: ({ host, kernel: { sysctls } }) => {
    const answersForAll = ({ name }: Link): boolean =>
      ['all', name].every((device) => (sysctls[deviceSetting(device, 'arp_ignore')] ?? '0') === '0');
    const candidates = heldAddresses(host).filter(
      ({ link, address }) =>
        link.up &&
        link.type === 'ether' &&
        link.master === undefined &&
        !shadows.includes(link.kind) &&
        address.family === 'ipv4' &&
        address.prefix < 32 &&
        answersForAll(link),
    );
    const subnetText = ({ address: { address, prefix } }: Held): string =>
      formatSubnet(subnetOf(parseIp(address), prefix));
    return [...groupBy(candidates, subnetText)].flatMap(([subnet, held]): readonly Complaint[] => {
      const devices = [...new Set(held.map(({ link }) => link.name))];
      if (devices.length < 2) return [];
      return [
        {
          message: `${devices.join(' and ')} are both in ${subnet}: each answers ARP requests for the other`,
          evidence: { devices, subnet },
          remedy: shell('sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2'),
        },
      ];
    });
  },
});

const vlanTwice = check({
  code: 'vlan-id-twice',
  severity: 'error',
  title: 'Two VLAN devices take the same VLAN of one NIC',
  explanation:
    'The VLAN device on the NIC takes all frames of that VLAN, and the VLAN device on its bridge gets none. Delete one of them.',
  example: 'kvmnet vlan delete br0 10',
  needs: ['host'],
  find: ({ host }) => {
    const taken = host.links.flatMap((link) => {
      const { vlan, parent } = link;
      const below = host.links.find(({ name }) => name === parent);
      if (vlan === undefined || below === undefined) return [];
      const nics = below.kind === 'bridge' ? portsOf(host, below).filter(isUplink) : [below];
      return nics.map(({ name }) => ({
        key: `${vlan.protocol} ${String(vlan.id)} ${name}`,
        nic: name,
        link,
        vlan,
        below,
      }));
    });
    return [...groupBy(taken, ({ key }) => key).values()].flatMap((users): readonly Complaint[] => {
      const last = users.find(({ below }) => below.kind === 'bridge') ?? users.at(-1);
      if (users.length < 2 || last === undefined) return [];
      const devices = users.map(({ link }) => link.name);
      const id = String(last.vlan.id);
      return [
        {
          message: `${devices.join(' and ')} both take VLAN ${id} of ${last.nic}, and only one gets its frames`,
          evidence: { devices, vlan: last.vlan.id, nic: last.nic },
          remedy: advice(['vlan', 'delete', last.below.name, id]),
        },
      ];
    });
  },
});

const vlanParentDown = check({
  code: 'vlan-parent-down',
  severity: 'error',
  title: 'The NIC below a VLAN device is down',
  explanation: 'Without its NIC the VLAN device passes no packets, although it is shown as up.',
  example: 'ip link set dev eno1 up',
  needs: ['host'],
  find: ({ host }) =>
    host.links.flatMap(({ name, vlan, parent, up }) => {
      const below = host.links.find((link) => link.name === parent);
      if (vlan === undefined || !up || below === undefined || below.up) return [];
      return [
        {
          message: `${name} is up, but ${below.name} below it is down`,
          evidence: { device: name, nic: below.name },
          remedy: shell(`ip link set dev ${below.name} up`),
        },
      ];
    }),
});

const cableMtu = check({
  code: 'cable-mtu-mismatch',
  severity: 'warning',
  title: 'The ends of a veth cable have different MTUs',
  explanation:
    'The end with the smaller MTU drops larger frames silently: small packets pass, downloads hang. Set both ends to the same MTU.',
  example: 'ip link set dev veth1 mtu 1400',
  needs: ['host'],
  find: ({ host }) =>
    host.links.flatMap(({ name, kind, parent, mtu }) => {
      const end = kind === 'veth' ? host.links.find((link) => link.name === parent && link.kind === 'veth') : undefined;
      if (end === undefined || end.mtu >= mtu) return [];
      return [
        {
          message: `${name} sends frames of ${String(mtu)} bytes, but ${end.name} at its other end takes only ${String(end.mtu)}`,
          evidence: { device: name, mtu, [end.name]: end.mtu },
          remedy: shell(`ip link set dev ${name} mtu ${String(end.mtu)}`),
        },
      ];
    }),
});

export const linkChecks: readonly Check[] = [addressTwice, arpFlux, vlanTwice, vlanParentDown, cableMtu];
