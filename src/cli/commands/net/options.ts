/** Options that define a network, of `net create`, `set` and `clone`: each text is read here, and planners get values. */
import { macvtapModes, type NetworkOptions, type SubnetChoice } from '../../../plan/network/options.ts';
import { parseIp, parseRange } from '../../../values/address.ts';
import { parseDnsHost, parseDomainName, parseForwarder } from '../../../values/dns.ts';
import { invalid } from '../../../values/invalid.ts';
import { parseMac } from '../../../values/mac.ts';
import {
  parseBridgeName,
  parseDeviceName,
  parseDeviceNames,
  parsePortgroup,
  parseTitle,
  parseZone,
} from '../../../values/name.ts';
import { parseLease, parseMtu, parsePortRange, parseVlan } from '../../../values/number.ts';
import { parseReservation } from '../../../values/reservation.ts';
import { parseUsableSubnet } from '../../../values/usable-subnet.ts';
import { flag, list, parsed, without, type OptionRow, type ValuesOf } from '../../options.ts';

/** `--nat <CIDR|auto>` and the like. */
export function subnetOption(flags: string, description: string): OptionRow<SubnetChoice | undefined> {
  return parsed(flags, description, parseSubnetChoice);
}

function parseSubnetChoice(typed: string, origin: string, example?: string): SubnetChoice {
  return typed === 'auto' ? typed : parseUsableSubnet(typed, origin, example);
}

function parseIpv6Choice(typed: string, origin: string): SubnetChoice {
  const example = 'fd00:1:2:3::/64';
  const subnet = parseSubnetChoice(typed, origin, example);
  if (subnet === 'auto' || subnet.family === 'ipv6') return subnet;
  throw invalid(origin, typed, 'this is an IPv4 subnet', example);
}

function parseMode(typed: string, origin: string): (typeof macvtapModes)[number] {
  const mode = macvtapModes.find((each) => each === typed);
  if (mode !== undefined) return mode;
  throw invalid(origin, typed, `a macvtap mode is ${macvtapModes.join(', ')}`, 'bridge');
}

const isolated: OptionRow<SubnetChoice | true | undefined> = {
  flags: '--isolated [CIDR]',
  description: 'KIND: guests and host only; without CIDR, guests only',
  read: (given) =>
    typeof given === 'string' ? parseSubnetChoice(given, '--isolated') : given === true ? true : undefined,
};

export const kindOptions = {
  nat: subnetOption('--nat <CIDR|auto>', 'KIND: guests reach the outside through the host (auto: a free subnet)'),
  route: subnetOption('--route <CIDR>', 'KIND: routed, guests can be reached from outside'),
  open: subnetOption('--open <CIDR>', "KIND: routed, without libvirt's firewall rules"),
  isolated,
  bridge: parsed(
    '--bridge <BRIDGE>',
    'KIND: an existing bridge of the host',
    (typed, origin) => parseDeviceName(typed, origin, 'a bridge name'),
    'bridge',
  ),
  macvtap: parsed('--macvtap <NIC[,NIC]>', 'KIND: directly on NICs of the host', parseDeviceNames, 'link'),
  hostdev: parsed('--hostdev <PF>', 'KIND: virtual functions of an SR-IOV NIC', parseNic, 'link'),
};

export const partOptions = {
  ipv6: parsed('--ipv6 <CIDR|auto>', 'Add an IPv6 subnet (auto: a random ULA /64)', parseIpv6Choice),
  gateway: parsed('--gateway <IP>', 'Address of the host (default: the first of the subnet)', parseIp),
  dhcp: list('--dhcp <START-END>', 'DHCP range (default: the rest of the subnet)', parseRange),
  noDhcp: without('--no-dhcp', 'Disable DHCP'),
  lease: parsed('--lease <TIME>', 'Lease time: 24h, 90m, 2d or infinite', parseLease),
  reserve: list('--reserve <MAC=IP[,HOST]>', 'Reserve an address', parseReservation),
  domain: parsed('--domain <D>', 'DNS domain of the guests', parseDomainName),
  dns: list('--dns <HOST=IP>', 'Add a name to the DNS of the network', parseDnsHost),
  forwarder: list('--forwarder <IP>', 'DNS server for other names', parseForwarder),
  noDns: without('--no-dns', 'Disable DNS'),
  dev: parsed('--dev <NIC>', 'Only NIC through which traffic may leave', parseNic, 'link'),
  natPorts: parsed('--nat-ports <A-B>', 'Ports for NAT (default: 1024-65535)', parsePortRange),
  bridgeName: parsed('--bridge-name <B>', 'Name of the bridge to create (default: virbrN)', parseBridgeName),
  mac: parsed('--mac <MAC>', 'MAC address of the bridge (default: random)', parseMac),
  mtu: parsed('--mtu <N>', 'MTU of bridge and guests', parseMtu),
  stp: flag('--stp', "Enable STP on the bridge (libvirt's default)"),
  noStp: without('--no-stp', 'Disable STP: guests are reachable immediately'),
  zone: parsed('--zone <Z>', 'firewalld zone of the bridge', parseZone),
  vlan: parsed('--vlan <ID>', 'VLAN tag of all guests, if the bridge supports it', parseVlan),
  portgroup: list('--portgroup <NAME[:vlan=ID]>', 'Add a portgroup', parsePortgroup),
  isolatePorts: flag('--isolate-ports', 'Prevent guests from reaching each other'),
  mode: parsed('--mode <MODE>', 'Mode of macvtap', parseMode, macvtapModes),
  title: parsed('--title <T>', 'Title of the network (libvirt 9.7 or newer)', parseTitle),
};

/** The steps that are left out. */
export const lifeOptions = {
  noStart: without('--no-start', 'Define the network without starting it'),
  noAutostart: without('--no-autostart', 'Do not enable autostart'),
};

function parseNic(typed: string, origin: string): string {
  return parseDeviceName(typed, origin);
}

/** The values of the options for a planner. */
export function networkOptions({
  stp,
  noStp,
  ...rest
}: ValuesOf<typeof kindOptions & typeof partOptions>): NetworkOptions {
  return { ...rest, stp: stp ? true : noStp ? false : undefined };
}
