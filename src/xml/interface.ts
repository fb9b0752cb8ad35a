import { parseXml } from './parser.ts';
import { readDocument } from './read.ts';
import { bandwidth, mtu, pci, port, route, virtualport, vlan } from './common-elements.ts';
import {
  attribute,
  child,
  children,
  document,
  integer,
  leaf,
  onOff,
  required,
  text,
  word,
  yesNo,
  type Input,
  type Model,
} from './table.ts';

const ip = {
  address: attribute(text),
  family: attribute(word('ipv4', 'ipv6')),
  prefix: attribute(integer),
  peer: attribute(text),
};

/** Any of libvirt's device addresses: `type` determines its attributes. */
export const address = {
  type: attribute(word('pci', 'ccw', 'virtio-mmio', 'spapr-vio', 'isa', 'usb', 'unassigned')),
  ...pci,
  multifunction: attribute(onOff),
  cssid: attribute(text),
  ssid: attribute(text),
  devno: attribute(text),
  reg: attribute(text),
  port: attribute(text),
  iobase: attribute(text),
  irq: attribute(text),
  zpci: child({ uid: attribute(text), fid: attribute(text) }),
};

const offload = {
  csum: attribute(onOff),
  tso4: attribute(onOff),
  tso6: attribute(onOff),
  ecn: attribute(onOff),
  ufo: attribute(onOff),
};

/** https://libvirt.org/formatdomain.html#network-interfaces, in the order in which libvirt writes it. */
export const nic = document('interface', {
  type: required(
    attribute(
      word(
        'network',
        'bridge',
        'direct',
        'hostdev',
        'ethernet',
        'user',
        'vhostuser',
        'vdpa',
        'server',
        'client',
        'mcast',
        'udp',
        'internal',
        'null',
        'vds',
      ),
    ),
  ),
  managed: attribute(yesNo),
  trustGuestRxFilters: attribute(yesNo),
  mac: child({
    address: attribute(text),
    type: attribute(word('generated', 'static')),
    check: attribute(yesNo),
    currentAddress: attribute(text),
  }),
  source: child({
    type: attribute(word('unix')),
    network: attribute(text),
    portgroup: attribute(text),
    portid: attribute(text),
    bridge: attribute(text),
    macTableManager: attribute(word('kernel', 'libvirt')),
    dev: attribute(text),
    path: attribute(text),
    mode: attribute(word('bridge', 'private', 'vepa', 'passthrough', 'server', 'client')),
    address: attribute(text),
    port: attribute(integer),
    name: attribute(text),
    switchid: attribute(text),
    portgroupid: attribute(text),
    connectionid: attribute(text),
    missing: attribute(yesNo),
    local: child({ address: attribute(text), port: attribute(integer) }),
    reconnect: child({ enabled: attribute(yesNo), timeout: attribute(integer) }),
    vendor: child({ id: attribute(text) }),
    product: child({ id: attribute(text) }),
    hostAddress: child({ type: attribute(word('pci', 'usb')), ...pci, device: attribute(text) }, 'address'),
    ips: children('ip', ip),
    routes: children('route', route),
  }),
  virtualport: child(virtualport),
  ips: children('ip', ip),
  routes: children('route', route),
  portForwards: children('portForward', {
    proto: attribute(word('tcp', 'udp')),
    address: attribute(text),
    dev: attribute(text),
    ranges: children('range', {
      start: attribute(integer),
      end: attribute(integer),
      to: attribute(integer),
      exclude: attribute(yesNo),
    }),
  }),
  script: child({ path: attribute(text) }),
  downscript: child({ path: attribute(text) }),
  backenddomain: child({ name: attribute(text) }),
  target: child({ dev: attribute(text), managed: attribute(yesNo) }),
  guest: child({ dev: attribute(text), actual: attribute(text) }),
  model: child({ type: attribute(text) }),
  driver: child({
    name: attribute(word('vhost', 'qemu', 'vfio', 'kvm', 'xen')),
    model: attribute(text),
    txmode: attribute(word('iothread', 'timer')),
    ioeventfd: attribute(onOff),
    event_idx: attribute(onOff),
    queues: attribute(integer),
    rx_queue_size: attribute(integer),
    tx_queue_size: attribute(integer),
    rss: attribute(onOff),
    rss_hash_report: attribute(onOff),
    iommu: attribute(onOff),
    ats: attribute(onOff),
    packed: attribute(onOff),
    page_per_vq: attribute(onOff),
    host: child({ ...offload, gso: attribute(onOff), mrg_rxbuf: attribute(onOff) }),
    guest: child(offload),
  }),
  backend: child({
    type: attribute(word('default', 'passt')),
    tap: attribute(text),
    vhost: attribute(text),
    logFile: attribute(text),
    hostname: attribute(text),
    fqdn: attribute(text),
  }),
  filterref: child({
    filter: attribute(text),
    parameters: children('parameter', { name: attribute(text), value: attribute(text) }),
  }),
  boot: child({ order: attribute(integer), loadparm: attribute(text) }),
  rom: child({ enabled: attribute(yesNo), bar: attribute(onOff), file: attribute(text) }),
  tune: child({ sndbuf: leaf(integer) }),
  teaming: child({ type: attribute(word('persistent', 'transient')), persistent: attribute(text) }),
  link: child({ state: attribute(word('up', 'down')) }),
  mtu: child(mtu),
  coalesce: child({ rx: child({ frames: child({ max: attribute(integer) }) }) }),
  vlan: child(vlan),
  port: child(port),
  bandwidth: child(bandwidth),
  alias: child({ name: attribute(text) }),
  acpi: child({ index: attribute(integer) }),
  address: child(address),
});

/** A NIC of a domain. Lists are always present; everything else that the XML lacks is undefined. */
export type Interface = Model<typeof nic>;

/** A NIC made by hand: lists may be left out. */
export type InterfaceInput = Input<typeof nic>;

/**
 * Reads the XML of a NIC, from a domain or from a file for attach-device.
 * @throws KvmnetError INPUT for what is not well-formed, not an interface, or has a value that does not fit: with line and column.
 * Source: https://libvirt.org/formatdomain.html#network-interfaces
 */
export function parseInterface(xml: string): Interface {
  return readDocument(nic, parseXml(xml, nic.root));
}
