/** One reservation of a network, as virNetworkUpdate takes it. */
import { serialize } from './serialize.ts';
import { attribute, child, digits, document, text, word, type Input } from './table.ts';
import { writeDocument } from './write.ts';

const dhcpHost = document('host', {
  mac: attribute(text),
  id: attribute(text),
  name: attribute(text),
  ip: attribute(text),
  lease: child({ expiry: attribute(digits), unit: attribute(word('seconds', 'minutes', 'hours')) }),
});

/**
 * The XML of a `<host>` of DHCP; of a parsed one, with all that is not in the model.
 * @throws KvmnetError INPUT for what must not be written.
 * Source: https://libvirt.org/formatnetwork.html#addressing
 */
export function buildDhcpHost(host: Input<typeof dhcpHost>): string {
  return serialize(writeDocument(dhcpHost, host)).trim();
}
