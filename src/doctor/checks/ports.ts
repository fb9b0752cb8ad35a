/** Checks of ports of bridges and bonds. */
import type { Link } from '../../records/link.ts';
import type { WholeHost } from '../../state/state.ts';
import { isDefaultRoute } from '../../values/route.ts';
import { advice, check, shell, type Check, type Complaint } from '../check.ts';
import { isUplink, masterOf, portsOf, wayOut } from '../ports.ts';

const portDown = check({
  code: 'port-down',
  severity: 'error',
  title: 'A port of a bridge or bond is down',
  explanation: 'A NIC does not come up when it becomes a port: without a setting for it the bridge has no connection.',
  example: 'ip link set dev eno1 up',
  needs: ['host'],
  find: ({ host }) =>
    host.links.flatMap((link) => {
      const master = masterOf(host, link);
      if (link.up || link.kind === 'tun' || master === undefined) return [];
      return [
        {
          message: `${link.name} is a port of ${master.name}, and down`,
          evidence: { device: link.name, [master.kind ?? 'bridge']: master.name },
          remedy: shell(`ip link set dev ${link.name} up`),
        },
      ];
    }),
});

const portAddress = check({
  code: 'port-with-address',
  severity: 'error',
  title: 'A port of a bridge or bond has an IP address',
  explanation:
    'The address belongs on the bridge. On the port it answers ARP unreliably, and packets to it get lost once the bridge learns its MAC address.',
  example: 'ip address add 192.168.1.5/24 dev br0 && ip address delete 192.168.1.5/24 dev eno1',
  needs: ['host'],
  find: ({ host }) =>
    host.links.flatMap((link) => {
      const master = masterOf(host, link);
      const addresses = link.addresses.filter(({ scope }) => scope !== 'link');
      if (master === undefined || addresses.length === 0) return [];
      const texts = addresses.map(({ address, prefix }) => `${address}/${String(prefix)}`);
      const has = (text: string): boolean =>
        master.addresses.some(({ address, prefix }) => `${address}/${String(prefix)}` === text);
      const commands = texts.flatMap((text) => [
        ...(has(text) ? [] : [`ip address add ${text} dev ${master.name}`]),
        `ip address delete ${text} dev ${link.name}`,
      ]);
      return [
        {
          message: `${link.name} is a port of ${master.name}, but has the address ${texts.join(' and ')}`,
          evidence: { device: link.name, addresses: texts, [master.kind ?? 'bridge']: master.name },
          remedy: shell(...commands),
        },
      ];
    }),
});

const portRoute = check({
  code: 'port-with-default-route',
  severity: 'error',
  title: 'The default route leads through a port of a bridge or bond',
  explanation:
    'The answers to packets that leave by the port arrive at the bridge. The route belongs on the bridge, with the address.',
  example: 'ip route replace default via 192.168.1.1 dev br0',
  needs: ['host'],
  find: ({ host }) =>
    host.routes.flatMap((route): readonly Complaint[] => {
      const { dev, gateway, destination, metric, table } = route;
      const link = host.links.find(({ name }) => name === dev);
      const master = link && masterOf(host, link);
      if (!isDefaultRoute(route) || table !== 'main' || link === undefined || master === undefined) return [];
      const program = destination.includes(':') ? 'ip -6' : 'ip';
      const how = [...(gateway === undefined ? [] : ['via', gateway]), 'dev'].join(' ');
      const weight = metric === undefined ? '' : ` metric ${String(metric)}`;
      return [
        {
          message: `the default route leads through ${link.name}, a port of ${master.name}`,
          evidence: { device: link.name, [master.kind ?? 'bridge']: master.name, gateway: gateway ?? 'none' },
          remedy: shell(
            `${program} route delete default ${how} ${link.name}${weight}`,
            `${program} route replace default ${how} ${master.name}${weight}`,
          ),
        },
      ];
    }),
});

const mtu = check({
  code: 'mtu-mismatch',
  severity: 'warning',
  title: 'A port of a bridge has a larger MTU than the way out',
  explanation:
    'Frames that are larger than the MTU of the NIC, VLAN device or bond on their way out of the host are silently dropped: small packets pass, downloads hang. Use the same MTU on all ports and in the guests.',
  example: 'ip link set dev vnet3 mtu 1400',
  needs: ['host'],
  find: ({ host }) => [...guestsAbove(host), ...bondsAbove(host)],
});

type Links = Pick<WholeHost, 'links'>;

/** The link with the smallest MTU on the way out. */
function narrowest(host: Links, uplinks: readonly Link[]): Link | undefined {
  return uplinks.flatMap((link) => wayOut(host, link)).toSorted((a, b) => a.mtu - b.mtu)[0];
}

/** Guests that send larger frames to their bridge than its way out passes. */
function guestsAbove(host: Links): readonly Complaint[] {
  return host.links
    .filter(({ kind }) => kind === 'bridge')
    .flatMap((bridge) => {
      const ports = portsOf(host, bridge);
      const least = narrowest(host, ports.filter(isUplink));
      if (least === undefined) return [];
      return ports
        .filter((port) => port.mtu > least.mtu && !isUplink(port))
        .map((port) => tooLarge(port, ` to ${bridge.name}`, least));
    });
}

/** Bonds that send larger frames than one of their ports. */
function bondsAbove(host: Links): readonly Complaint[] {
  return host.links
    .filter(({ kind }) => kind === 'bond')
    .flatMap((bond) => {
      const least = narrowest(host, portsOf(host, bond));
      return least === undefined || least.mtu >= bond.mtu ? [] : [tooLarge(bond, '', least)];
    });
}

function tooLarge({ name, mtu: size }: Link, where: string, least: Link): Complaint {
  return {
    message: `${name} sends frames of ${String(size)} bytes${where}, but ${least.name} passes only ${String(least.mtu)}`,
    evidence: { device: name, mtu: size, [least.name]: least.mtu },
    remedy: shell(`ip link set dev ${name} mtu ${String(least.mtu)}`),
  };
}

const wireless = check({
  code: 'wireless-port',
  severity: 'error',
  title: 'A wireless NIC is a port of a bridge',
  explanation:
    'Access points accept only frames with the MAC address of the NIC: guests of the bridge get no answer. Use a NAT network.',
  example: 'kvmnet bridge del-port br0 wlan0',
  needs: ['host'],
  find: ({ host }) =>
    host.links.flatMap((link) => {
      const master = masterOf(host, link);
      if (!link.wireless || master === undefined) return [];
      return [
        {
          message: `${link.name} is wireless, and a port of ${master.name}: access points drop the frames of guests`,
          evidence: { device: link.name, bridge: master.name },
          remedy: advice(['bridge', 'del-port', master.name, link.name]),
        },
      ];
    }),
});

export const portChecks: readonly Check[] = [portDown, portAddress, portRoute, mtu, wireless];
