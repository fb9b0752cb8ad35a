/** Data of a domain outside its definition (disks, firmware variables, TPM state), and its passwords. */
import { guest } from './domain.ts';
import { parseXml } from './parser.ts';
import { attributeOf, isElement, type XmlElement } from './tree.ts';

export interface DomainStorage {
  /** The files, devices and volumes of its disks, but not of CD-ROM and floppy drives. */
  readonly disks: readonly string[];
  /** The file of its firmware variables, where the definition names one. */
  readonly nvram: string | undefined;
  /** True where it boots by a firmware that may have such a file. */
  readonly hasFirmware: boolean;
  /** True where libvirt runs a TPM for it, whose state libvirt deletes with the definition. */
  readonly hasTpm: boolean;
  /** True where its graphics have a password, which libvirt prints only where it is asked for secrets. */
  readonly hasPassword: boolean;
}

/**
 * Reads what a domain's definition names.
 * @throws KvmnetError INPUT for what is not well-formed, or not a domain
 * @see https://libvirt.org/formatdomain.html
 */
export function storageOf(xml: string): DomainStorage {
  const { root } = parseXml(xml, guest.root);
  const [os] = inside(root, 'os');
  const [nvram] = os ? inside(os, 'nvram') : [];
  const devices = inside(root, 'devices');
  const device = (name: string): readonly XmlElement[] => devices.flatMap((each) => inside(each, name));
  return {
    disks: device('disk').flatMap(diskSource),
    nvram: nvram && (textOf(nvram) ?? inside(nvram, 'source').flatMap(sourceName)[0]),
    hasFirmware: os !== undefined && (attributeOf(os, 'firmware') !== undefined || inside(os, 'loader').length > 0),
    hasPassword: device('graphics').some((graphics) => attributeOf(graphics, 'passwd') !== undefined),
    hasTpm: device('tpm').some((tpm) =>
      inside(tpm, 'backend').some((each) => attributeOf(each, 'type') === 'emulator'),
    ),
  };
}

function diskSource(disk: XmlElement): readonly string[] {
  const isDisk = ['disk', 'lun'].includes(attributeOf(disk, 'device') ?? 'disk');
  return isDisk ? inside(disk, 'source').flatMap(sourceName) : [];
}

function sourceName(source: XmlElement): readonly string[] {
  const [pool, volume] = [attributeOf(source, 'pool'), attributeOf(source, 'volume')];
  if (pool !== undefined && volume !== undefined) return [`${pool}/${volume}`];
  const name = ['file', 'dev', 'dir', 'name'].map((key) => attributeOf(source, key)).find((each) => each !== undefined);
  return name === undefined ? [] : [name];
}

function inside(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter(isElement).filter((each) => each.name === name);
}

function textOf({ children }: XmlElement): string | undefined {
  const text = children.flatMap((node) => (node.kind === 'text' || node.kind === 'cdata' ? [node.text] : [])).join('');
  return text.trim() === '' ? undefined : text.trim();
}
