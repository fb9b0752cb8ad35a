/** Common parts of reports on links of the host. */
import type { LinkUser } from '../../plan/host/link-users.ts';
import type { GlobalOptions } from '../global-options.ts';

/** Whether people read it on a terminal: programs, and who names columns, get everything. */
export function isForPeople({ format, columns }: Pick<GlobalOptions, 'format' | 'columns'>): boolean {
  return format === 'table' && columns === undefined;
}

/** `eno1.10 vnet0 +3`: the first two of a list, where people read it. */
export function fewOf(names: readonly string[], forPeople: boolean): string {
  if (!forPeople || names.length <= 3) return names.join(' ');
  return `${names.slice(0, 2).join(' ')} +${String(names.length - 2)}`;
}

/** The VMs of NICs, each once; attached ones first. */
export function domainsOf(nics: readonly LinkUser[]): readonly string[] {
  const live = nics.filter((nic) => nic.live).map(({ domain }) => domain);
  return [...new Set([...live, ...nics.map(({ domain }) => domain)])];
}

/** `VM1: NIC 0, 52:54:00:12:34:56 (vnet0), not at the next boot`. */
export function userText({ domain, nic, mac, interface: tap, live, config }: LinkUser): string {
  const when = live && config ? '' : live ? ', not at the next boot' : ', at the next boot';
  return `${domain}: NIC ${String(nic)}${mac === undefined ? '' : `, ${mac}`}${tap === undefined ? '' : ` (${tap})`}${when}`;
}
