/** The NICs of a domain: each once, with its live and its next-boot definition side by side. */
import { KvmnetError } from '../errors.ts';
import type { Interface, InterfaceInput } from '../xml/interface.ts';
import { suggestion } from '../values/nearest.ts';
import type { DomainState } from './state.ts';

export interface Nic {
  /** Its place in the order in which libvirt lists them. */
  readonly index: number;
  readonly mac: string | undefined;
  /** Undefined: not attached now, because the domain is off or the NIC is only attached at the next boot. */
  readonly live: Interface | undefined;
  /** Undefined: gone at the next boot. */
  readonly config: Interface | undefined;
}

/** The live NICs in their order, then the NICs that only the configuration has. A MAC may occur twice: libvirt does not mind. */
export function nicsOf(domain: DomainState): Nic[] {
  const live = domain.active ? domain.domain.interfaces : [];
  const rest = [...(domain.inactive?.interfaces ?? [])];
  const paired = live.map((nic) => ({ live: nic, config: takeMatch(rest, nic) }));
  return [...paired, ...rest.map((config) => ({ live: undefined, config }))].map((pair, index) => ({
    index,
    ...pair,
    mac: (pair.live ?? pair.config).mac?.address,
  }));
}

function takeMatch(rest: Interface[], nic: Interface): Interface | undefined {
  const sameMac = rest.filter((candidate) => candidate.mac?.address === nic.mac?.address);
  const sameSlot = sameMac.find((candidate) => slotOf(candidate) === slotOf(nic));
  const match = sameSlot ?? sameMac[0];
  if (match) rest.splice(rest.indexOf(match), 1);
  return match;
}

/** A NIC's PCI address in one word; undefined where it has none. */
export function slotOf({ address }: Pick<InterfaceInput, 'address'>): string | undefined {
  if (address?.type !== 'pci') return undefined;
  return [address.domain, address.bus, address.slot, address.function].map(Number).join(':');
}

/** Returns the most complete definition: the live one, otherwise the next boot's. */
export function definitionOf(nic: Nic): Interface | undefined {
  return nic.live ?? nic.config;
}

/** Returns the source of a NIC, in libvirt's terms: the name of a network, a bridge or a NIC of the host. */
export function sourceOf(nic: Interface | undefined): string | undefined {
  const source = nic?.source;
  return source?.network ?? source?.bridge ?? source?.dev ?? source?.name ?? source?.path;
}

/**
 * The NIC that a user names: an index (`0`), a tap (`vnet3`), a MAC, an alias, or `net=NAME`.
 * Throws NOTFOUND with all NICs of the domain, AMBIGUOUS with the candidates.
 */
export function findNic(domain: DomainState, selector: string): Nic {
  const nics = nicsOf(domain);
  const found = nics.filter((nic) => isMeant(nic, selector));
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  if (only) {
    throw new KvmnetError(
      'AMBIGUOUS',
      `${selector} is ${String(found.length)} NICs of ${domain.name}: ${list(found)}`,
      {
        hint: 'name it by its index',
      },
    );
  }
  const names = nics.flatMap(({ mac, live }) => [mac, live?.target?.dev].filter((name) => name !== undefined));
  throw new KvmnetError('NOTFOUND', `${domain.name} has no NIC ${JSON.stringify(selector)}`, {
    hint: nics.length === 0 ? `${domain.name} has no NICs` : suggestion(selector, names, `it has ${list(nics)}`),
  });
}

function isMeant(nic: Nic, selector: string): boolean {
  if (/^\d+$/.test(selector)) return nic.index === Number(selector);
  const wanted = selector.toLowerCase();
  if (wanted.startsWith('net=')) return [nic.live, nic.config].some((life) => sourceOf(life) === selector.slice(4));
  return [nic.live, nic.config].some(
    (life) =>
      life?.mac?.address?.toLowerCase() === wanted.replaceAll('-', ':') ||
      life?.target?.dev === selector ||
      life?.alias?.name === selector,
  );
}

function list(nics: readonly Nic[]): string {
  return nics
    .map((nic) => `${String(nic.index)} (${nic.mac ?? 'no MAC'}, ${sourceOf(definitionOf(nic)) ?? 'no source'})`)
    .join(', ');
}
