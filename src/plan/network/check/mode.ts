import type { Network } from '../../../xml/network.ts';
import type { Report } from '../../finding.ts';
import { isVirtual, kindOf, nicsOf } from '../../../state/network-kind.ts';
import { hasRelease, needs } from '../../../state/libvirt-version.ts';
import type { Check, Subject } from './subject.ts';

/**
 * Checks the elements of a forward mode: the rules of libvirt's virNetworkDefParseXML and networkValidate (bridge_driver.c), before the call
 * and all together.
 */
export const checkMode: Check = (subject, report) => {
  const { network, kind } = subject;
  if (kind === undefined) {
    const mode = String(network.forward?.mode);
    report.error(
      'INPUT',
      'forward.mode',
      `forward.mode ${mode}: libvirt has no such mode`,
      'for example nat, route or bridge',
    );
  } else if (isVirtual(kind)) {
    checkVirtual(subject, report);
  } else {
    checkUnmanaged(network, kind, report);
    if (kind === 'bridge') checkBridged(network, report);
    else checkPool(network, kind, report);
  }
};

function checkVirtual({ network, kind, state }: Subject, report: Report): void {
  const nics = nicsOf(network);
  if ((kind === 'nat' || kind === 'route') && network.ips.length === 0) {
    report.error('INPUT', 'ip', `forward.mode ${kind}: the network has no <ip>`, 'for example --nat 192.168.132.0/24');
  }
  if (kind === 'open' && network.ips.length === 0 && !hasRelease(state, [10, 8])) {
    report.error('DEPENDENCY', 'ip', needs('an open network without an address', [10, 8], state), 'give it an <ip>');
  }
  if (kind === 'open' && nics.length > 0) {
    report.error(
      'INPUT',
      'forward.dev',
      'forward.dev: an open network has no firewall rules to name a NIC in',
      'leave it out',
    );
  }
  if (kind === 'isolated' && nics.length > 0) {
    report.error('INPUT', 'forward.dev', 'forward.dev: an isolated network forwards nothing', 'leave it out');
  }
  if (nics.length > 1) {
    const message = `forward: ${nics.join(', ')}: traffic of a ${String(kind)} network leaves by one NIC`;
    report.error('INPUT', 'forward.interface', message, `keep ${nics[0] ?? 'one'}`);
  }
  if (kind === 'open' && network.bridge?.zone !== undefined && !hasRelease(state, [10, 8])) {
    report.error('DEPENDENCY', 'bridge.zone', needs('the zone of an open network', [10, 8], state), 'leave it out');
  }
  if (network.forward?.nat?.ipv6 === true && !hasRelease(state, [6, 5])) {
    report.error('DEPENDENCY', 'forward.nat.ipv6', needs('NAT of IPv6', [6, 5], state), 'route IPv6 instead');
  }
}

/** libvirt refuses these where it makes no bridge of its own. */
function checkUnmanaged(network: Network, kind: string, report: Report): void {
  const refused: Readonly<Record<string, boolean>> = {
    mac: network.mac !== undefined,
    ip: network.ips.length > 0,
    dns: hasRecords(network),
    domain: network.domain !== undefined,
    mtu: network.mtu !== undefined,
    route: network.routes.length > 0,
    'bridge.stp': network.bridge?.stp !== undefined,
    'bridge.delay': Number(network.bridge?.delay ?? 0) !== 0,
    'bridge.zone': network.bridge?.zone !== undefined,
  };
  for (const [path] of Object.entries(refused).filter(([, present]) => present)) {
    const message = `${path}: a ${kind} network has none: libvirt makes no bridge for it`;
    report.error('INPUT', path, message, `set it on the ${kind === 'bridge' ? 'bridge' : 'NIC'} of the host`);
  }
}

function hasRecords({ dns }: Network): boolean {
  return dns !== undefined && dns.hosts.length + dns.txts.length + dns.srvs.length + dns.forwarders.length > 0;
}

function checkBridged(network: Network, report: Report): void {
  if (network.bridge?.name === undefined) {
    report.error(
      'INPUT',
      'bridge.name',
      'bridge.name: a bridged network names a bridge of the host',
      "for example <bridge name='br0'/>",
    );
  }
  if (nicsOf(network).length > 0) {
    report.error('INPUT', 'forward.dev', 'forward.dev: the network names a bridge and NICs', 'keep one of them');
  }
}

function checkPool(network: Network, kind: 'macvtap' | 'hostdev', report: Report): void {
  const { forward } = network;
  const pools = [forward?.interfaces.length ?? 0, forward?.addresses.length ?? 0, forward?.pf === undefined ? 0 : 1];
  if (pools.filter((length) => length > 0).length > 1) {
    report.error('INPUT', 'forward', 'forward: <interface>, <address> and <pf> exclude each other', 'keep one of them');
  }
  if (network.bridge?.name !== undefined) {
    report.error('INPUT', 'bridge.name', `bridge.name: a ${kind} network has no bridge`, 'leave <bridge> out');
  }
  if (network.bandwidth !== undefined) {
    report.error(
      'INPUT',
      'bandwidth',
      `bandwidth: libvirt cannot limit a ${kind} network as a whole`,
      'limit each NIC',
    );
  }
  const named = nicsOf(network).length;
  if (kind === 'hostdev' && named > 0) {
    report.error(
      'INPUT',
      'forward.interface',
      'forward.interface: a hostdev network takes no NIC names',
      "for example <pf dev='eth0'/>",
    );
  }
  if (named === 0 && pools.every((length) => length === 0)) {
    report.error(
      'INPUT',
      'forward',
      `forward: the ${kind} network names no NIC`,
      "for example <interface dev='eth0'/>",
    );
  }
  if (kind === 'macvtap' && (pools[1] ?? 0) > 0) {
    report.error(
      'INPUT',
      'forward.address',
      'forward.address: only hostdev networks take PCI addresses',
      "for example <interface dev='eth0'/>",
    );
  }
}

/** Whether a definition is of the kind that can carry guests' VLAN tags (networkValidate; Linux bridges since libvirt 11.0). */
export const checkVlanSupport: Check = ({ network, kind, state }, report) => {
  const tagged = (network.vlan?.tags.length ?? 0) > 0;
  const defaulted = network.portgroups.some((portgroup) => portgroup.default === true);
  if (tagged && !defaulted && !carriesTags(network, kind, network.virtualport?.type, state)) refused('vlan');
  for (const [index, { vlan, virtualport }] of network.portgroups.entries()) {
    if (!tagged && (vlan?.tags.length ?? 0) === 0) continue;
    if (!carriesTags(network, kind, virtualport?.type ?? network.virtualport?.type, state))
      refused(`portgroup[${index}].vlan`);
  }

  function refused(path: string): void {
    const message =
      kind === 'bridge'
        ? `${path}: ${needs('a VLAN tag on a Linux bridge', [11, 0], state)}`
        : `${path}: libvirt tags frames on host bridges and SR-IOV NICs only, not in a network of kind ${kindOf(network) ?? 'unknown'}`;
    report.error('DEPENDENCY', path, message, 'use a bridge of the host that is in that VLAN: --bridge brvlan-10');
  }
};

function carriesTags(
  network: Network,
  kind: Subject['kind'],
  virtualport: string | undefined,
  state: Subject['state'],
): boolean {
  if (kind === 'hostdev' || network.forward?.mode === 'passthrough') return true;
  return kind === 'bridge' && (virtualport === 'openvswitch' || hasRelease(state, [11, 0]));
}
