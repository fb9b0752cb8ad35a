/**
 * Names in the documents of filters, their bindings to taps, host interfaces and ports of networks, for which kvmnet has no models.
 * Source: libvirt's schemas nwfilter.rng, nwfilterbinding.rng, interface.rng and networkport.rng
 */
import { KvmnetError } from '../errors.ts';
import { parseXml } from './parser.ts';
import { serialize } from './serialize.ts';
import { attributeOf, isElement, textOf, type XmlElement } from './tree.ts';

/** Returns the name of a filter. @throws INPUT if it has none */
export function filterName(xml: string): string {
  return required(parseXml(xml, 'filter').root, 'name');
}

/** Returns the tap of a filter's binding. @throws INPUT if it has none */
export function bindingTap(xml: string): string {
  const { root } = parseXml(xml, 'filterbinding');
  const tap = childOf(root, 'portdev');
  if (!tap) throw new KvmnetError('INPUT', '<filterbinding> has no <portdev>');
  return required(tap, 'name');
}

/** Returns the name of a host interface. @throws INPUT if it has none */
export function interfaceName(xml: string): string {
  return required(parseXml(xml, 'interface').root, 'name');
}

/**
 * A port's definition with a UUID in it, which libvirt would choose otherwise.
 * @throws INPUT for a document that is not a port
 */
export function withPortUuid(xml: string, fresh: string): { readonly uuid: string; readonly xml: string } {
  const { root } = parseXml(xml, 'networkport');
  const own = childOf(root, 'uuid');
  if (own) return { uuid: textOf(own).trim().toLowerCase(), xml };
  const uuid: XmlElement = {
    kind: 'element',
    name: 'uuid',
    attributes: [],
    children: [{ kind: 'text', text: fresh }],
  };
  return { uuid: fresh, xml: serialize({ ...root, children: [uuid, ...root.children] }) };
}

/**
 * Returns a port's definition for its recreation: libvirt chooses its connection again.
 * @throws INPUT for a document that is not a port
 */
export function withoutPlug(xml: string): string {
  const { root } = parseXml(xml, 'networkport');
  return serialize({ ...root, children: root.children.filter((child) => !isElement(child) || child.name !== 'plug') });
}

function childOf(from: XmlElement, name: string): XmlElement | undefined {
  return from.children.filter(isElement).find((child) => child.name === name);
}

function required(from: XmlElement, name: string): string {
  const value = attributeOf(from, name);
  if (value === undefined) throw new KvmnetError('INPUT', `<${from.name}> has no attribute ${name}`);
  return value;
}
