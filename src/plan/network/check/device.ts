import type { Network } from '../../../xml/network.ts';
import type { Report } from '../../finding.ts';
import { leastIpv6Mtu } from '../../../state/network-address.ts';
import { isVirtual } from '../../../state/network-kind.ts';
import { parseMac } from '../../../values/mac.ts';
import { parseBridgeName, parseDeviceName, parseZone } from '../../../values/name.ts';
import { bounds, parseInteger, type Bounds } from '../../../values/number.ts';
import { show } from '../../../values/invalid.ts';
import { hasRelease, needs } from '../../../state/libvirt-version.ts';
import type { Check } from './subject.ts';

/** libvirt clamps a longer forward delay silently (the kernel takes 2 to 30 s, and 0 for none). */
const delay: Bounds = { min: 0, max: 30, what: 'a forward delay in seconds', example: '0' };

/** The bridge: its name, MAC, MTU, spanning tree and zone. */
export const checkBridge: Check = ({ network, kind, existing, addresses }, report) => {
  const { bridge, mac, mtu } = network;
  const name = bridge?.name;
  if (name !== undefined && existing?.network.bridge?.name !== name) {
    report.attempt('bridge.name', () =>
      isVirtual(kind) ? parseBridgeName(name, 'bridge.name') : parseDeviceName(name, 'bridge.name', 'a bridge name'),
    );
  }
  const { zone, macTableManager } = bridge ?? {};
  if (zone !== undefined) report.attempt('bridge.zone', () => parseZone(zone, 'bridge.zone'));
  if (bridge?.delay !== undefined) integer(report, 'bridge.delay', bridge.delay, delay);
  if (macTableManager !== undefined && macTableManager !== 'kernel' && macTableManager !== 'libvirt') {
    report.error(
      'INPUT',
      'bridge.macTableManager',
      `bridge.macTableManager ${show(macTableManager)}: it must be kernel or libvirt`,
      'for example kernel',
    );
  }
  if (mac !== undefined) checkMac(mac.address ?? '', 'mac.address', report);
  if (mtu !== undefined) {
    integer(report, 'mtu.size', mtu.size, bounds.mtu);
    const hasIpv6 = [...addresses.values()].some(({ ip }) => ip.family === 'ipv6');
    checkSmallMtu(mtu.size, hasIpv6, report);
  }
};

function checkSmallMtu(size: number, hasIpv6: boolean, report: Report): void {
  if (size < bounds.mtu.min || size >= leastIpv6Mtu) return;
  if (hasIpv6) {
    report.error('INPUT', 'mtu.size', `mtu.size ${size}: IPv6 needs at least ${leastIpv6Mtu}`, 'for example 1500');
  } else {
    report.consent('INPUT', 'mtu.size', `MTU ${size} is below ${leastIpv6Mtu}: many guests and all IPv6 fail with it`);
  }
}

/** As XML has it: with colons, since libvirt takes no dashes. */
export function checkMac(address: string, path: string, report: Report): void {
  const mac = report.attempt(path, () => parseMac(address, path));
  if (mac === undefined || mac === address.toLowerCase()) return;
  report.error('INPUT', path, `${path} ${show(address)}: libvirt takes a MAC address with colons`, `write ${mac}`);
}

/** VLAN tags of the network and its portgroups: valid IDs, each once. */
export const checkVlanTags: Check = ({ network }, report) => {
  tags(network.vlan, 'vlan');
  for (const [index, { vlan }] of network.portgroups.entries()) tags(vlan, `portgroup[${index}].vlan`);

  function tags(vlan: Network['vlan'], path: string): void {
    const seen = new Set<number>();
    for (const [index, { id }] of (vlan?.tags ?? []).entries()) {
      const place = `${path}.tag[${index}].id`;
      integer(report, place, id, bounds.vlan);
      if (seen.has(id)) report.error('INPUT', place, `${place} ${id}: duplicate tag`, 'leave one out');
      seen.add(id);
    }
  }
};

/** Rates: libvirt's schema wants positive numbers, its parser takes 0. */
export const checkBandwidth: Check = ({ network }, report) => {
  rates(network.bandwidth, 'bandwidth');
  for (const [index, { bandwidth }] of network.portgroups.entries()) rates(bandwidth, `portgroup[${index}].bandwidth`);

  function rates(bandwidth: Network['bandwidth'], path: string): void {
    for (const direction of ['inbound', 'outbound'] as const) {
      const { average, peak, floor, burst } = bandwidth?.[direction] ?? {};
      for (const [key, value] of Object.entries({ average, peak, floor, burst })) {
        if (value === undefined || (Number(value) > 0 && Number(value) <= 2 ** 32 - 1)) continue;
        const place = `${path}.${direction}.${key}`;
        report.error('INPUT', place, `${place} ${value}: a rate is a positive number of kilobytes`, 'for example 1024');
      }
    }
  }
};

/** `<port isolated>`, which an older libvirt drops. */
export const checkPortIsolation: Check = ({ network, state }, report) => {
  if (network.port?.isolated !== true || hasRelease(state, [6, 1])) return;
  report.error('DEPENDENCY', 'port.isolated', needs('isolation of ports', [6, 1], state), 'leave <port> out');
};

function integer(report: Report, path: string, value: number | string, limits: Bounds): void {
  report.attempt(path, () => parseInteger(String(value), path, limits));
}
