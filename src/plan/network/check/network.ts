import { KvmnetError } from '../../../errors.ts';
import type { NetworkState } from '../../../state/state.ts';
import type { Network } from '../../../xml/network.ts';
import { checkAddresses, checkRoutes } from './address.ts';
import { checkBridgeConflict, checkIdentityConflicts, checkMacConflict, checkSubnetConflicts } from './conflict.ts';
import { checkBandwidth, checkBridge, checkPortIsolation, checkVlanTags } from './device.ts';
import { checkAutoconfiguration, checkDhcp } from './dhcp.ts';
import { checkDns, checkDnsmasqOptions } from './dns.ts';
import { checkHostDevices } from './host.ts';
import { checkForwardNames, checkIdentity, checkPortgroups } from './identity.ts';
import { checkMode, checkVlanSupport } from './mode.ts';
import { checkSession } from './session.ts';
import type { CheckState, Check, Subject } from './subject.ts';
import { createReport, type Finding } from '../../finding.ts';
import { parseAddressParts } from '../../../values/address-parts.ts';
import { kindOf } from '../../../state/network-kind.ts';
import type { Cidr } from '../../../values/subnet.ts';

const checks: readonly Check[] = [
  checkIdentity,
  checkPortgroups,
  checkForwardNames,
  checkMode,
  checkBridge,
  checkVlanTags,
  checkVlanSupport,
  checkBandwidth,
  checkPortIsolation,
  checkAddresses,
  checkRoutes,
  checkDhcp,
  checkAutoconfiguration,
  checkDns,
  checkDnsmasqOptions,
  checkIdentityConflicts,
  checkBridgeConflict,
  checkMacConflict,
  checkSubnetConflicts,
  checkHostDevices,
  checkSession,
];

/**
 * Everything that is wrong with a definition, or that the user should know: values that libvirt takes and that then fail or do
 * harm, and conflicts with what the state has. libvirt accepts about half of it silently.
 *
 * A network with the same UUID in the state is the one that is redefined: it conflicts with nothing of itself. Without
 * `state.host`, what depends on the host's links and routes is left out; without `state.domains`, what depends on guests.
 */
export function checkNetwork(network: Network, state: CheckState): readonly Finding[] {
  const uuid = network.uuid?.toLowerCase();
  const isIt = (other: NetworkState): boolean => uuid !== undefined && other.uuid.toLowerCase() === uuid;
  const subject: Subject = {
    network,
    kind: kindOf(network),
    state,
    existing: state.networks.find(isIt),
    others: state.networks.filter((other) => !isIt(other)),
    addresses: readableAddresses(network),
  };
  const report = createReport();
  for (const check of checks) check(subject, report);
  return report.findings;
}

/** The addresses that can be read; checkAddresses reports the others. */
function readableAddresses(network: Network): ReadonlyMap<number, Cidr> {
  const addresses = new Map<number, Cidr>();
  for (const [index, ip] of network.ips.entries()) {
    try {
      addresses.set(index, parseAddressParts(ip, `ip[${index}]`));
    } catch (unreadable) {
      if (!(unreadable instanceof KvmnetError)) throw unreadable;
    }
  }
  return addresses;
}
