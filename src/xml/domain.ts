import { KvmnetError } from '../errors.ts';
import { address, nic, type Interface, type InterfaceInput } from './interface.ts';
import { parseXml, type ParsedDocument } from './parser.ts';
import { readDocument } from './read.ts';
import {
  attribute,
  child,
  children,
  content,
  document,
  flag,
  integer,
  leaf,
  onOff,
  prose,
  required,
  text,
  verbatim,
  word,
  type Input,
  type Model,
} from './table.ts';
import { attributeOf, isElement, type XmlElement } from './tree.ts';

/** The parts of https://libvirt.org/formatdomain.html that NICs, their PCI slots and the domain's identity need. */
export const guest = document('domain', {
  type: required(attribute(word('kvm', 'qemu', 'lxc', 'xen', 'hvf', 'test'))),
  id: attribute(integer),
  name: required(leaf(text)),
  uuid: leaf(text),
  genid: leaf(text),
  title: leaf(text),
  description: leaf(prose),
  metadata: verbatim(),
  os: child({
    type: child({ arch: attribute(text), machine: attribute(text), text: content(text) }),
  }),
  features: child({ acpi: flag() }),
  devices: child({
    emulator: leaf(text),
    controllers: children('controller', {
      type: attribute(text),
      index: attribute(integer),
      model: attribute(text),
      modelName: child({ name: attribute(text) }, 'model'),
      target: child({
        chassisNr: attribute(integer),
        chassis: attribute(integer),
        port: attribute(text),
        busNr: attribute(integer),
        index: attribute(integer),
        hotplug: attribute(onOff),
        node: leaf(integer),
      }),
      alias: child({ name: attribute(text) }),
      address: child(address),
    }),
    interfaces: children('interface', nic.fields),
  }),
});

type GuestModel = Model<typeof guest>;
type Controllers = NonNullable<GuestModel['devices']>['controllers'];

/** A controller of a domain; controllers of type `pci` provide slots for others. */
export type Controller = Controllers[number];

/** A PCI address that a device of a domain has taken. */
export interface PciAddress {
  /** The element: `disk`, `controller`, `interface`, `video`, … */
  readonly device: string;
  readonly domain: number;
  readonly bus: number;
  readonly slot: number;
  readonly function: number;
}

/** A domain, as far as its NICs, PCI slots and identity go. Lists are always present; everything else that is absent is undefined. */
export type Domain = Omit<GuestModel, 'devices'> & {
  readonly emulator?: string | undefined;
  readonly interfaces: readonly Interface[];
  readonly controllers: readonly Controller[];
  /** The PCI addresses of all devices; computed from the XML, and not written back. */
  readonly pciAddresses: readonly PciAddress[];
};

/** A parsed domain with other NICs. */
export type DomainInput = Omit<Domain, 'interfaces' | 'controllers' | 'pciAddresses'> & {
  readonly interfaces?: readonly InterfaceInput[] | undefined;
  readonly controllers?: NonNullable<Input<typeof guest>['devices']>['controllers'];
  /** Not looked at: the addresses are in the XML. */
  readonly pciAddresses?: unknown;
};

/**
 * Reads the XML of a domain.
 * @throws KvmnetError INPUT for what is not well-formed, not a domain, or has a value that does not fit: with line and column.
 * Source: https://libvirt.org/formatdomain.html
 */
export function parseDomain(xml: string): Domain {
  return domainIn(parseXml(xml, guest.root));
}

/** The model of a parsed domain. */
export function domainIn(parsed: ParsedDocument): Domain {
  const { devices, ...rest } = readDocument(guest, parsed);
  return {
    ...rest,
    emulator: devices?.emulator,
    interfaces: devices?.interfaces ?? [],
    controllers: devices?.controllers ?? [],
    pciAddresses: pciAddressesOf(parsed.root),
  };
}

/** The `<address type='pci'>` directly inside each device: deeper ones are of the host. */
function pciAddressesOf(root: XmlElement): readonly PciAddress[] {
  const devices = root.children.filter(isElement).find((element) => element.name === 'devices');
  return (devices?.children ?? []).filter(isElement).flatMap((device) =>
    device.children
      .filter(isElement)
      .filter((element) => element.name === 'address' && attributeOf(element, 'type') === 'pci')
      .map((element) => ({
        device: device.name,
        domain: numberOf(element, 'domain'),
        bus: numberOf(element, 'bus'),
        slot: numberOf(element, 'slot'),
        function: numberOf(element, 'function'),
      })),
  );
}

/** libvirt writes `0x0a`, and takes an omitted part for 0. */
function numberOf(element: XmlElement, name: string): number {
  const written = attributeOf(element, name) ?? '0';
  if (!/^(?:0x[0-9a-f]+|[0-9]+)$/i.test(written)) {
    throw new KvmnetError('INPUT', `the ${name} of a PCI address is ${JSON.stringify(written)}, not a number`);
  }
  return Number(written);
}
