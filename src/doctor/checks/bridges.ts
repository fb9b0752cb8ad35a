/** Checks of bridges and bonds. */
import type { Link } from '../../records/link.ts';
import { bridgeMadeFor } from '../../state/membership.ts';
import { kindOf } from '../../state/network-kind.ts';
import type { State, WholeHost } from '../../state/state.ts';
import { groupBy } from '../../values/group-by.ts';
import { advice, check, repair, shell, type Check, type Complaint } from '../check.ts';
import { isUplink, portsOf, spareNic, wayOut } from '../ports.ts';

/** The bridges of the host that guests use, except the bridges that libvirt creates for its networks. */
function guestBridges({ networks, domains }: State): ReadonlySet<string> {
  const own = new Set(networks.map(bridgeMadeFor));
  const ofNetworks = networks.flatMap(({ network }) =>
    kindOf(network) === 'bridge' ? (network.bridge?.name ?? []) : [],
  );
  const ofNics = domains.flatMap(({ domain, inactive }) =>
    [domain, inactive].flatMap((each) => each?.interfaces.flatMap(({ source }) => source?.bridge ?? []) ?? []),
  );
  return new Set([...ofNetworks, ...ofNics].filter((name) => !own.has(name)));
}

const down = check({
  code: 'bridge-down',
  severity: 'error',
  title: 'A bridge or bond with ports is down',
  explanation:
    'It forwards no packets. Bridges come up down if no network manager brings them up: look at its configuration too (`kvmnet host lint`).',
  example: 'ip link set dev br0 up',
  needs: ['host'],
  find: ({ host }) =>
    host.links.flatMap((link) => {
      const { name, kind = '', up } = link;
      const ports = portsOf(host, link).map((port) => port.name);
      if (up || !['bridge', 'bond'].includes(kind) || ports.length === 0) return [];
      return [
        {
          message: `${kind} ${name} is down, and forwards nothing between its ports`,
          evidence: { device: name, ports },
          remedy: shell(`ip link set dev ${name} up`),
        },
      ];
    }),
});

const noCarrier = check({
  code: 'bridge-without-carrier',
  severity: 'error',
  title: 'The NICs of a bridge or bond have no carrier',
  explanation:
    'The cable is unconnected, or the port of the switch is disabled. Guests of the bridge reach each other, but nothing outside of the host.',
  example: 'ethtool eno1',
  needs: ['host'],
  find: ({ host }) => {
    const dark = host.links.flatMap((link) => {
      const nics = darkNics(host, link).map(({ name }) => name);
      return nics.length === 0 ? [] : [{ device: link.name, nics }];
    });
    return [...groupBy(dark, ({ nics }) => nics.join(' and '))].flatMap(([text, uses]): readonly Complaint[] => {
      const [nics, devices] = [uses[0]?.nics ?? [], uses.map(({ device }) => device)];
      return [
        {
          message: `${devices.join(', ')}: ${text} without a carrier: the cable is not connected`,
          evidence: { devices, nics },
          remedy: shell(`ethtool ${nics[0] ?? ''}`),
        },
      ];
    });
  },
});

/** The NICs without a carrier by which a bridge or bond leads out of the host; none if one of its ways out has a carrier. */
function darkNics(host: Pick<WholeHost, 'links'>, link: Link): readonly Link[] {
  const uplinks = portsOf(host, link).filter(isUplink);
  if (uplinks.some(({ up, operstate }) => !up || !['DOWN', 'LOWERLAYERDOWN'].includes(operstate))) return [];
  const nics = uplinks.flatMap((each) => wayOut(host, each)).filter(({ up }) => up);
  return [...new Set(nics)].filter(isCableEnd);
}

/** Whether a link leads to nothing below it on this host. */
function isCableEnd({ kind = '', type, parent }: Link): boolean {
  return type === 'ether' && parent === undefined && !['bridge', 'bond', 'veth'].includes(kind);
}

const withoutNic = check({
  code: 'bridge-without-nic',
  severity: 'warning',
  title: 'A bridge that guests use has no NIC and no address',
  explanation:
    'Its guests reach each other only. The NIC was removed from the bridge, or a network manager has created the bridge without it. If that is intended, use an isolated network instead: `kvmnet net create NAME --isolated`.',
  example: 'kvmnet bridge add-port br0 eno1',
  needs: ['host', 'libvirt'],
  find: ({ host, libvirt }) => {
    const used = guestBridges(libvirt);
    return host.links.flatMap((link) => {
      const { name, kind, addresses } = link;
      const hasAddress = addresses.some(({ scope }) => scope !== 'link');
      if (kind !== 'bridge' || !used.has(name) || hasAddress || portsOf(host, link).some(isUplink)) return [];
      return [
        {
          message: `bridge ${name} has no NIC: its guests reach nothing outside of this host`,
          evidence: { device: name },
          remedy: advice(['bridge', 'add-port', name, spareNic(host) ?? 'NIC']),
        },
      ];
    });
  },
});

/** The smallest forward delay that STP allows, in seconds. */
const leastDelay = 2;

const delayed = check({
  code: 'bridge-stp-delay',
  severity: 'warning',
  title: 'STP delays the ports of a bridge that guests use',
  explanation:
    'A port passes no packets for twice the forward delay after it comes up, 30 seconds by default: guests give up on DHCP and network boot. STP is only needed where bridges form loops.',
  example: 'kvmnet bridge stp br0 off',
  needs: ['host', 'libvirt'],
  find: ({ host, libvirt }) => {
    const used = guestBridges(libvirt);
    return host.links.flatMap(({ name, bridge }) => {
      const network = libvirt.networks.find((each) => each.active && bridgeMadeFor(each) === name);
      if (bridge?.stp !== true || bridge.forwardDelay <= leastDelay || !(used.has(name) || network)) return [];
      const seconds = String(2 * bridge.forwardDelay);
      return [
        {
          message: `bridge ${name}: a guest has no connection for ${seconds} s after its start, because of STP`,
          evidence: { device: name, forwardDelay: bridge.forwardDelay },
          remedy: network ? advice(['net', 'set', network.name, '--no-stp']) : repair(['bridge', 'stp', name, 'off']),
        },
      ];
    });
  },
});

const unmonitored = check({
  code: 'bond-without-monitor',
  severity: 'warning',
  title: 'A bond does not monitor the links of its ports',
  explanation:
    'With miimon 0, the default of the kernel, the bond keeps sending by a NIC whose cable is unconnected. In mode 802.3ad it does not work without.',
  example: 'ip link set dev bond0 type bond miimon 100',
  needs: ['host'],
  find: ({ host }) =>
    host.links.flatMap(({ name, bond }) =>
      bond === undefined || bond.miimon > 0 || bond.arpInterval !== undefined
        ? []
        : [
            {
              message: `bond ${name} does not notice when one of its NICs loses its link`,
              evidence: { device: name, miimon: 0 },
              remedy: shell(`ip link set dev ${name} type bond miimon 100`),
            },
          ],
    ),
});

export const bridgeChecks: readonly Check[] = [down, noCarrier, withoutNic, delayed, unmonitored];
