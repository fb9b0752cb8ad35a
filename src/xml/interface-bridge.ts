/**
 * A host interface's definition -> the definition of a bridge with the interface in it, and back, as virsh's iface-bridge and
 * iface-unbridge define them. Source: libvirt's schema interface.rng
 */
import { KvmnetError } from '../errors.ts';
import { parseXml } from './parser.ts';
import { serialize } from './serialize.ts';
import { attributeOf, isElement, type XmlElement, type XmlNode } from './tree.ts';

/** Elements that belong to the device itself and move with it; addresses belong to the outer interface. */
const ofDevice: ReadonlySet<string> = new Set(['mac', 'bond', 'vlan']);

/**
 * The definition of the bridge `bridge` with the interface of `xml` as its port; its addresses become the bridge's.
 * @param stp the bridge's `delay` in seconds; undefined disables STP
 * @throws INPUT for an interface that is a bridge already
 */
export function bridgeOver(xml: string, bridge: string, stp: { readonly delay: number } | undefined): string {
  const { root } = parseXml(xml, 'interface');
  const type = required(root, 'type');
  const name = required(root, 'name');
  if (type === 'bridge') throw new KvmnetError('INPUT', `${name} is already a bridge`);
  const port = element('interface', { type, name }, root.children.filter(isOfDevice));
  const options = stp ? { stp: 'on', delay: String(stp.delay) } : { stp: 'off' };
  const children = [...root.children.filter((node) => !isOfDevice(node)), element('bridge', options, [port])];
  return serialize({ ...withAttributes(root, { type: 'bridge', name: bridge }), children });
}

/**
 * The definition of the only port of the bridge of `xml`, with the bridge's addresses.
 * @throws INPUT for an interface that is not a bridge, or that has no port, or several
 */
export function portOf(xml: string): { readonly name: string; readonly xml: string } {
  const { root } = parseXml(xml, 'interface');
  const bridge = required(root, 'name');
  if (required(root, 'type') !== 'bridge') throw new KvmnetError('INPUT', `${bridge} is not a bridge`);
  const inside = root.children.filter(isElement).find((child) => child.name === 'bridge');
  const ports = (inside?.children ?? []).filter(isElement).filter((child) => child.name === 'interface');
  const [port] = ports;
  if (!port || ports.length > 1) {
    throw new KvmnetError('INPUT', `the bridge ${bridge} has ${ports.length === 0 ? 'no port' : 'several ports'}`, {
      hint: 'only a bridge with one port can be removed',
    });
  }
  const [type, name] = [required(port, 'type'), required(port, 'name')];
  const children = [...root.children.filter((node) => node !== inside), ...port.children.filter(isOfDevice)];
  return { name, xml: serialize({ ...withAttributes(root, { type, name }), children }) };
}

function isOfDevice(node: XmlNode): boolean {
  return isElement(node) && ofDevice.has(node.name);
}

function required(from: XmlElement, name: string): string {
  const value = attributeOf(from, name);
  if (value === undefined) throw new KvmnetError('INPUT', `<${from.name}> has no attribute ${name}`);
  return value;
}

function element(name: string, attributes: Readonly<Record<string, string>>, children: readonly XmlNode[]): XmlElement {
  return {
    kind: 'element',
    name,
    attributes: Object.entries(attributes).map(([key, value]) => ({ name: key, value })),
    children,
  };
}

function withAttributes(root: XmlElement, values: Readonly<Record<string, string>>): XmlElement {
  return { ...root, attributes: root.attributes.map(({ name, value }) => ({ name, value: values[name] ?? value })) };
}
