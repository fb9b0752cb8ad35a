import { nic, type Interface } from './interface.ts';
import { parseXml } from './parser.ts';
import { readDocument } from './read.ts';
import { child, children, document, leaf, required, text } from './table.ts';

const guest = { devices: child({ interfaces: children('interface', nic.fields) }) };

/** The parts of https://libvirt.org/formatsnapshot.html that NICs need; one of a running domain has both its definitions. */
const snapshot = document('domainsnapshot', {
  name: required(leaf(text)),
  domain: child(guest),
  inactiveDomain: child(guest),
});

/** A domain's snapshot, as far as its NICs go. */
export interface Snapshot {
  readonly name: string;
  /** Of the definition in force then, and of the one at the next boot. */
  readonly interfaces: readonly Interface[];
}

/**
 * Reads the XML of a snapshot.
 * @throws KvmnetError INPUT for what is not well-formed, not a snapshot, or has a value that does not fit: with line and column.
 * Source: https://libvirt.org/formatsnapshot.html
 */
export function parseSnapshot(xml: string): Snapshot {
  const { name, domain, inactiveDomain } = readDocument(snapshot, parseXml(xml, snapshot.root));
  return {
    name,
    interfaces: [...(domain?.devices?.interfaces ?? []), ...(inactiveDomain?.devices?.interfaces ?? [])],
  };
}
