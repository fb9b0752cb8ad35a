/** Models -> XML, laid out as libvirt does, with double quotes. Loads xmlbuilder2: import it where something is written. */
import { guest, type DomainInput } from './domain.ts';
import { nic, type InterfaceInput } from './interface.ts';
import { network as networkTable, type NetworkInput } from './network.ts';
import { serialize } from './serialize.ts';
import { isElement, source, sourceOf } from './tree.ts';
import { writeDocument } from './write.ts';

/**
 * The XML of a network. Of a parsed one, all that is not in the model stays, in place and in order.
 * @throws KvmnetError INPUT for what must not be written: path and value.
 * Source: https://libvirt.org/formatnetwork.html
 */
export function buildNetwork(network: NetworkInput): string {
  return serialize(writeDocument(networkTable, network));
}

/**
 * The XML of a NIC, as attach-device and update-device take it.
 * @throws KvmnetError INPUT for what must not be written: path and value.
 * Source: https://libvirt.org/formatdomain.html#network-interfaces
 */
export function buildInterface(nicModel: InterfaceInput): string {
  return serialize(writeDocument(nic, nicModel));
}

/**
 * The XML of a domain: what it was parsed from, with the NICs and controllers of the model. `pciAddresses` is not looked at.
 * To redefine a domain, parse its inactive XML with VIR_DOMAIN_XML_SECURE, or libvirt forgets its passwords.
 * @throws KvmnetError INPUT for what must not be written: path and value.
 */
export function buildDomain(domain: DomainInput): string {
  const { emulator, interfaces = [], controllers = [], pciAddresses: _computed, ...rest } = domain;
  const devices = sourceOf(domain)
    ?.children.filter(isElement)
    .find((element) => element.name === 'devices');
  const isEmpty = emulator === undefined && interfaces.length === 0 && controllers.length === 0;
  const inside = { emulator, interfaces, controllers, ...(devices === undefined ? {} : { [source]: devices }) };
  return serialize(writeDocument(guest, { ...rest, devices: devices === undefined && isEmpty ? undefined : inside }));
}
