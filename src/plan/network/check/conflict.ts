import { bridgesHeld, nicText } from '../../../state/membership.ts';
import type { NetworkState } from '../../../state/state.ts';
import type { Report } from '../../finding.ts';
import { addressesOf } from '../../../state/network-address.ts';
import { parseAddressParts } from '../../../values/address-parts.ts';
import { isVirtual } from '../../../state/network-kind.ts';
import { holdersOf, type Holdings } from '../../../state/subnet-holder.ts';
import { show } from '../../../values/invalid.ts';
import { formatSubnet, type Subnet } from '../../../values/subnet.ts';
import type { Check, Subject } from './subject.ts';
import { quoted } from '../../../values/quoted.ts';

/** Name and UUID: each is one network's alone, and a name must not be another's UUID. */
export const checkIdentityConflicts: Check = ({ network, existing, others }, report) => {
  const { name, uuid } = network;
  const shown = show(name);
  const sameName = others.find((other) => other.name === name);
  if (sameName !== undefined) {
    const redefine = network.uuid === undefined ? `; to redefine it, give it <uuid>${sameName.uuid}</uuid>` : '';
    const hint = `choose another name; kvmnet net show ${quoted(shown)} shows the existing network${redefine}`;
    report.error('CONFLICT', 'name', `network ${shown} already exists${same(network, sameName)}`, hint);
  }
  if (existing !== undefined && existing.name !== name) {
    const message = `uuid ${String(uuid)} belongs to network ${existing.name}, which libvirt cannot rename to ${shown}`;
    report.error('CONFLICT', 'uuid', message, 'leave <uuid> out to define another network');
  }
  const named = others.find((other) => other.uuid === name.toLowerCase());
  if (named !== undefined) {
    report.error('CONFLICT', 'name', `name ${shown} is the UUID of network ${named.name}`, 'choose another name');
  }
  const similar = others.find((other) => other.name !== name && other.name.toLowerCase() === name.toLowerCase());
  if (similar !== undefined && existing === undefined) {
    report.warn(
      'CONFLICT',
      'name',
      `network ${shown} differs from network ${similar.name} in upper and lower case only`,
    );
  }
};

/** Points out that the network of the same name has the same addresses, and so is the one that was requested. */
function same(network: Subject['network'], sameName: NetworkState): string {
  const texts = (of: Subject['network']): string =>
    addressesOf(of)
      .map(({ subnet }) => formatSubnet(subnet))
      .join(', ');
  const theirs = texts(sameName.network);
  return theirs !== '' && theirs === texts(network) ? ` with the same addresses, ${theirs}` : '';
}

/** The bridge that libvirt is to make: no other network's, no device of the host, and named by no guest of another network. */
export const checkBridgeConflict: Check = (subject, report) => {
  const { network, kind, existing, others, state } = subject;
  const name = network.bridge?.name;
  if (name === undefined || !isVirtual(kind)) return;
  checkHeldBridge(name, subject, report);
  const hint = 'choose another name: --bridge-name NAME';
  const other = others.find(({ bridge, network: its, inactive }) =>
    [bridge, its.bridge?.name, inactive?.bridge?.name].includes(name),
  );
  if (other !== undefined) {
    report.error('CONFLICT', 'bridge.name', `bridge name ${name} is taken by network ${other.name}`, hint);
    return;
  }
  const link = state.host?.links.find((each) => each.name === name);
  const isOwn = existing !== undefined && ownBridge(existing) === name;
  if (link === undefined || (isOwn && existing.active)) return;
  const message = `bridge name ${name} is taken by a device of the host (${link.kind ?? (link.type === 'ether' ? 'NIC' : link.type)})`;
  // A stopped network keeps its name: a crashed daemon may have left the bridge, which then stops the start, not the definition.
  if (isOwn) report.warn('CONFLICT', 'bridge.name', message, `if it is left over: ip link delete dev ${name}`);
  else report.error('CONFLICT', 'bridge.name', message, hint);
};

/**
 * libvirt's daemon adds a running guest to the bridge that its live definition names, whatever network the bridge belongs to. A network that
 * keeps its bridge only gets a warning about guests of others.
 */
function checkHeldBridge(name: string, { network, existing, state }: Subject, report: Report): void {
  const isOwn = existing !== undefined && ownBridge(existing) === name;
  const held = (state.domains && bridgesHeld({ domains: state.domains }).get(name))?.find(({ nic }) =>
    nic.source?.network === undefined ? !isOwn : nic.source.network !== network.name,
  );
  if (held === undefined) return;
  const { domain, nic } = held;
  const message = `bridge name ${name} is named by the live definition of ${nicText(domain, nic)}`;
  const move = `kvmnet vm move ${quoted(domain.name)} ${quoted(nic.mac?.address ?? 'NIC')} NETWORK frees it`;
  if (isOwn) report.warn('CONFLICT', 'bridge.name', message, move);
  else report.error('CONFLICT', 'bridge.name', message, `choose another name: --bridge-name NAME; or ${move}`);
}

/** The MAC address of the bridge: no other bridge's and no guest's. */
export const checkMacConflict: Check = ({ network, others, state }, report) => {
  const mac = network.mac?.address?.toLowerCase();
  if (mac === undefined) return;
  const other = others.find(({ network: its }) => its.mac?.address?.toLowerCase() === mac);
  const guest = state.domains?.find(({ domain, inactive }) =>
    [...domain.interfaces, ...(inactive?.interfaces ?? [])].some((nic) => nic.mac?.address?.toLowerCase() === mac),
  );
  const holder = other === undefined ? guest && `a NIC of ${guest.name}` : `the bridge of network ${other.name}`;
  if (holder === undefined) return;
  report.error(
    'CONFLICT',
    'mac.address',
    `mac.address ${mac}: ${holder} already has it`,
    'leave it out: one is chosen',
  );
};

/** Subnets and static routes: no other network's, no address's of the host, and no route's. */
export const checkSubnetConflicts: Check = (subject, report) => {
  const holdings: Holdings = {
    networks: subject.others,
    host: subject.state.host,
    ownBridge: subject.existing === undefined ? undefined : ownBridge(subject.existing),
  };
  for (const [index, { subnet }] of subject.addresses) reportHolders(subnet, `ip[${index}].address`, holdings, report);
  for (const [index, route] of subject.network.routes.entries()) {
    const destination = quietly(() => parseAddressParts(route, 'route').subnet);
    if (destination !== undefined) reportHolders(destination, `route[${index}].address`, holdings, report);
  }
};

function reportHolders(subnet: Subnet, path: string, holdings: Holdings, report: Report): void {
  for (const { name } of holdersOf(subnet, holdings)) {
    const hint = 'choose another subnet, or let kvmnet find a free one: kvmnet net create --nat auto';
    report.error('CONFLICT', path, `${formatSubnet(subnet)} overlaps ${name}`, hint);
  }
}

function ownBridge({ bridge, network }: NetworkState): string | undefined {
  return bridge ?? network.bridge?.name;
}

/** Returns the value, or undefined if checkRoutes has already reported why it is missing. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
