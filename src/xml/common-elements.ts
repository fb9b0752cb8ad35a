/** Elements that networks and interfaces have in common (libvirt's networkcommon.rng). */
import { attribute, child, children, digits, integer, required, text, word, yesNo } from './table.ts';

const rate = {
  average: attribute(digits),
  peak: attribute(digits),
  floor: attribute(digits),
  burst: attribute(digits),
};

/** Kilobytes a second; `burst` in kilobytes. */
export const bandwidth = {
  classID: attribute(integer),
  inbound: child(rate),
  outbound: child(rate),
};

export const vlan = {
  trunk: attribute(yesNo),
  tags: children('tag', {
    id: required(attribute(integer)),
    nativeMode: attribute(word('tagged', 'untagged')),
  }),
};

export const virtualport = {
  type: attribute(word('802.1Qbg', '802.1Qbh', 'openvswitch', 'midonet')),
  parameters: child({
    managerid: attribute(text),
    typeid: attribute(text),
    typeidversion: attribute(text),
    instanceid: attribute(text),
    interfaceid: attribute(text),
    profileid: attribute(text),
  }),
};

export const route = {
  family: attribute(word('ipv4', 'ipv6')),
  address: attribute(text),
  netmask: attribute(text),
  prefix: attribute(integer),
  gateway: attribute(text),
  metric: attribute(integer),
};

export const mtu = { size: required(attribute(integer)) };

export const port = { isolated: attribute(yesNo) };

/** libvirt writes these in hexadecimal (`0x00`): they are text. */
export const pci = {
  domain: attribute(text),
  bus: attribute(text),
  slot: attribute(text),
  function: attribute(text),
};
