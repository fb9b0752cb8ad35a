import type { HostState } from '../../../state/state.ts';
import type { Link } from '../../../records/link.ts';
import { suggestion } from '../../../values/nearest.ts';
import type { Report } from '../../finding.ts';
import { isOpenVswitch, isVirtual, kindOf, nicsOf } from '../../../state/network-kind.ts';
import type { Check, Subject } from './subject.ts';
import { quoted } from '../../../values/quoted.ts';

/** Checks the bridges and NICs that a definition names: libvirt starts networks on missing ones, and their guests fail. */
export const checkHostDevices: Check = (subject, report) => {
  const { host } = subject.state;
  if (host === undefined) return;
  const { network, kind } = subject;
  if (kind === 'bridge') {
    checkBridge(subject, host, report);
  } else if (kind === 'macvtap') {
    for (const nic of nicsOf(network)) checkMacvtapNic(nic, host, report);
  } else if (kind === 'hostdev') {
    const pf = network.forward?.pf?.dev;
    if (pf !== undefined) checkPhysical(pf, host, report);
  } else {
    for (const nic of nicsOf(network)) findNic(nic, 'forward.dev', host, report);
  }
};

function checkBridge({ network, others }: Subject, host: HostState, report: Report): void {
  const name = network.bridge?.name;
  if (name === undefined) return;
  const owner = others.find(
    (other) => isVirtual(kindOf(other.network)) && (other.bridge ?? other.network.bridge?.name) === name,
  );
  const link = host.links.find((each) => each.name === name);
  if (link === undefined && isOpenVswitch(network)) {
    const message = `no Open vSwitch bridge ${name} on the host: no guest can be connected until it exists`;
    report.warn('NOTFOUND', 'bridge.name', message, `ovs-vsctl add-br ${name} creates it`);
  } else if (link === undefined) {
    const bridges = host.links.filter(isBridge).map((each) => each.name);
    const hint =
      owner === undefined
        ? suggestion(name, bridges, listed(bridges, 'bridges'))
        : `kvmnet net start ${quoted(owner.name)}`;
    const reason = owner === undefined ? '' : `: it is made when network ${owner.name} starts`;
    report.error('NOTFOUND', 'bridge.name', `no bridge ${name} on the host${reason}`, hint);
  } else if (!isBridge(link)) {
    const hint = `a bridge with ${name} as a port is what guests can use; or --macvtap ${name}`;
    report.error('INPUT', 'bridge.name', `${name} is not a bridge but ${article(link)}`, hint);
  } else if (link.kind === 'openvswitch' && !isOpenVswitch(network)) {
    report.error('INPUT', 'bridge.name', `${name} is an Open vSwitch bridge`, "add <virtualport type='openvswitch'/>");
  } else if (owner !== undefined) {
    const message = `bridge ${name} is network ${owner.name}'s own: it goes when that network stops`;
    report.warn('CONFLICT', 'bridge.name', message, `attach guests to network ${owner.name}`);
  }
}

function checkMacvtapNic(name: string, host: HostState, report: Report): void {
  const link = findNic(name, 'forward.interface', host, report);
  if (link === undefined) return;
  const path = 'forward.interface';
  if (link.wireless) {
    report.error(
      'INPUT',
      path,
      `${name} is wireless: access points only accept frames with its own MAC address`,
      'use --nat',
    );
  } else if (link.type !== 'ether') {
    report.error('INPUT', path, `${name} is not an Ethernet NIC but ${article(link)}`, listed(physical(host), 'NICs'));
  } else if (link.master !== undefined) {
    report.error(
      'CONFLICT',
      path,
      `${name} is a port of ${link.master}, so it can carry no macvtap`,
      `--bridge ${link.master}`,
    );
  }
}

function checkPhysical(name: string, host: HostState, report: Report): void {
  const path = 'forward.pf.dev';
  const link = findNic(name, path, host, report);
  if (link === undefined || (link.kind === undefined && link.type === 'ether')) return;
  report.error('INPUT', path, `${name} is not a physical NIC but ${article(link)}`, listed(physical(host), 'NICs'));
}

function findNic(name: string, path: string, host: HostState, report: Report): Link | undefined {
  const link = host.links.find((each) => each.name === name);
  if (link !== undefined) return link;
  const names = host.links.map((each) => each.name);
  report.error('NOTFOUND', path, `no NIC ${name} on the host`, suggestion(name, names, listed(physical(host), 'NICs')));
  return undefined;
}

function isBridge({ kind }: Link): boolean {
  return kind === 'bridge' || kind === 'openvswitch';
}

function physical({ links }: HostState): readonly string[] {
  return links.filter(({ type, kind }) => type === 'ether' && kind === undefined).map(({ name }) => name);
}

function listed(names: readonly string[], what: string): string {
  return names.length === 0 ? `the host has no ${what}` : `the host's ${what}: ${names.slice(0, 10).join(', ')}`;
}

function article({ kind, type, wireless }: Link): string {
  if (wireless) return 'a wireless NIC';
  if (kind === undefined && type === 'ether') return 'an Ethernet NIC';
  const name = kind ?? type;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name} device`;
}
