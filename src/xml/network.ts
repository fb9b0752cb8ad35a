import { isPlain, parseChecked, parseXml } from './parser.ts';
import { readDocument } from './read.ts';
import { bandwidth, mtu, pci, port, route, virtualport, vlan } from './common-elements.ts';
import {
  attribute,
  child,
  children,
  digits,
  document,
  integer,
  leaf,
  leaves,
  onOff,
  prose,
  required,
  text,
  verbatim,
  word,
  yesNo,
  type Input,
  type Model,
} from './table.ts';

const dnsmasq = { prefix: 'dnsmasq', uri: 'http://libvirt.org/schemas/network/dnsmasq/1.0' };

const lease = child({
  expiry: attribute(digits),
  unit: attribute(word('seconds', 'minutes', 'hours')),
});

/** https://libvirt.org/formatnetwork.html, in the order in which libvirt writes it. */
export const network = document('network', {
  connections: attribute(integer),
  ipv6: attribute(yesNo),
  trustGuestRxFilters: attribute(yesNo),
  name: required(leaf(text)),
  uuid: leaf(text),
  title: leaf(text),
  description: leaf(prose),
  metadata: verbatim(),
  forward: child({
    dev: attribute(text),
    mode: attribute(word('nat', 'route', 'open', 'bridge', 'private', 'vepa', 'passthrough', 'hostdev')),
    managed: attribute(yesNo),
    driver: child({ name: attribute(word('vfio', 'kvm')), model: attribute(text) }),
    pf: child({ dev: attribute(text) }),
    nat: child({
      ipv6: attribute(yesNo),
      address: child({ start: attribute(text), end: attribute(text) }),
      port: child({ start: attribute(integer), end: attribute(integer) }),
    }),
    interfaces: children('interface', { dev: attribute(text), connections: attribute(integer) }),
    addresses: children('address', { type: attribute(word('pci')), ...pci, connections: attribute(integer) }),
  }),
  bridge: child({
    name: attribute(text),
    zone: attribute(text),
    stp: attribute(onOff),
    delay: attribute(digits),
    macTableManager: attribute(word('kernel', 'libvirt')),
  }),
  mtu: child(mtu),
  mac: child({ address: attribute(text) }),
  domain: child({
    name: attribute(text),
    localOnly: attribute(yesNo),
    register: attribute(yesNo),
  }),
  dns: child({
    enable: attribute(yesNo),
    forwardPlainNames: attribute(yesNo),
    forwarders: children('forwarder', { domain: attribute(text), addr: attribute(text), port: attribute(integer) }),
    txts: children('txt', { name: required(attribute(text)), value: attribute(text) }),
    srvs: children('srv', {
      service: attribute(text),
      protocol: attribute(word('tcp', 'udp')),
      domain: attribute(text),
      target: attribute(text),
      port: attribute(integer),
      priority: attribute(integer),
      weight: attribute(integer),
    }),
    hosts: children('host', { ip: required(attribute(text)), hostnames: leaves('hostname', text) }),
  }),
  vlan: child(vlan),
  bandwidth: child(bandwidth),
  port: child(port),
  ips: children('ip', {
    family: attribute(word('ipv4', 'ipv6')),
    address: attribute(text),
    netmask: attribute(text),
    prefix: attribute(integer),
    localPtr: attribute(yesNo),
    tftp: child({ root: attribute(text) }),
    dhcp: child({
      ranges: children('range', { start: required(attribute(text)), end: required(attribute(text)), lease }),
      hosts: children('host', {
        mac: attribute(text),
        id: attribute(text),
        name: attribute(text),
        ip: attribute(text),
        lease,
      }),
      bootp: child({ file: attribute(text), server: attribute(text) }),
    }),
  }),
  routes: children('route', route),
  virtualport: child(virtualport),
  portgroups: children('portgroup', {
    name: required(attribute(text)),
    default: attribute(yesNo),
    trustGuestRxFilters: attribute(yesNo),
    vlan: child(vlan),
    virtualport: child(virtualport),
    bandwidth: child(bandwidth),
  }),
  dnsmasqOptions: child({ options: children('option', { value: attribute(text) }, dnsmasq) }, 'options', dnsmasq),
});

/** A libvirt network. Lists are always present; everything else that the XML lacks is undefined. */
export type Network = Model<typeof network>;

/** A network made by hand: lists may be left out. */
export type NetworkInput = Input<typeof network>;

/**
 * Reads the XML of a network, as net-dumpxml prints it or a user wrote it.
 * @throws KvmnetError INPUT for what is not well-formed, not a network, or has a value that does not fit: with line and column.
 * Source: https://libvirt.org/formatnetwork.html
 */
export function parseNetwork(xml: string): Network {
  return readDocument(network, parseXml(xml, network.root));
}

/** The same for a network that libvirt wrote: what it wrote is not checked for being well-formed. */
export function parseWrittenNetwork(xml: string): Network {
  return isPlain(xml) ? readDocument(network, parseChecked(xml, network.root)) : parseNetwork(xml);
}
