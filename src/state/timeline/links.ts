/** The links of a host as the messages of the kernel change them, and what each message means. */
import type { Link } from '../../records/link.ts';
import type { Happening, LinkEvent, LinkHappening, LinkMessage } from '../../records/timeline.ts';

interface KnownLink {
  readonly name: string;
  readonly up: boolean;
  readonly hasCarrier: boolean;
  readonly mtu: number;
  readonly master: string | undefined;
  readonly mac: string | undefined;
  readonly addresses: ReadonlySet<string>;
}

/** Messages come for each detail of a link, also for unimportant ones: only a difference is an event. */
export class LinkTable {
  readonly #links = new Map<number, KnownLink>();

  constructor(links: readonly Link[]) {
    for (const link of links) this.#links.set(link.index, knownLink(link));
  }

  /** The events that a message means. */
  take(message: LinkMessage): readonly Happening[] {
    const { index } = message;
    const before = this.#links.get(index);
    if (message.kind === 'link') {
      if (message.isDeleted) return this.#remove(index);
      const { name, up, operstate, mtu, master, mac } = message;
      const hasCarrier = carries(operstate);
      return this.#replace(index, {
        name,
        up,
        hasCarrier,
        mtu,
        master,
        mac,
        addresses: before?.addresses ?? new Set(),
      });
    }
    const { address, scope, isDeleted } = message;
    // Every link gives itself one.
    if (scope === 'link' || before?.addresses.has(address) !== isDeleted) return [];
    const others = [...before.addresses].filter((each) => each !== address);
    return this.#replace(index, { ...before, addresses: new Set(isDeleted ? others : [...others, address]) });
  }

  /** The events that messages would have meant which were lost: the difference to the present links. */
  catchUp(links: readonly Link[]): readonly Happening[] {
    const present = new Set(links.map(({ index }) => index));
    const gone = [...this.#links.keys()].filter((index) => !present.has(index));
    return [
      ...gone.flatMap((index) => this.#remove(index)),
      ...links.flatMap((link) => this.#replace(link.index, knownLink(link))),
    ];
  }

  #remove(index: number): readonly Happening[] {
    const known = this.#links.get(index);
    if (known === undefined) return [];
    this.#links.delete(index);
    return [happening(known, 'deleted', known.master === undefined ? {} : { master: known.master })];
  }

  #replace(index: number, after: KnownLink): readonly Happening[] {
    const before = this.#links.get(index);
    this.#links.set(index, after);
    if (before !== undefined) return [...linkChanges(before, after), ...addressChanges(before, after)];
    return [
      happening(after, 'created'),
      ...(after.master === undefined ? [] : [happening(after, 'joined', { master: after.master })]),
      ...addressChanges({ addresses: new Set() }, after),
    ];
  }
}

function knownLink({ name, up, operstate, mtu, master, mac, addresses }: Link): KnownLink {
  const usual = addresses.filter(({ scope }) => scope !== 'link');
  const inCidr = usual.map(({ address, prefix }) => `${address}/${String(prefix)}`);
  return { name, up, hasCarrier: carries(operstate), mtu, master, mac, addresses: new Set(inCidr) };
}

function carries(operstate: string): boolean {
  return operstate !== 'DOWN' && operstate !== 'LOWERLAYERDOWN';
}

function happening(
  { name, mac }: KnownLink,
  event: LinkEvent,
  more: Partial<Pick<LinkHappening, 'master' | 'before' | 'mtu'>> = {},
): LinkHappening {
  return { source: 'kernel', object: 'link', name, event, mac, ...more };
}

function linkChanges(before: KnownLink, after: KnownLink): readonly LinkHappening[] {
  const isUp = before.up && after.up;
  return [
    ...(before.name === after.name ? [] : [happening(after, 'renamed', { before: before.name })]),
    ...(before.master === after.master || before.master === undefined
      ? []
      : [happening(after, 'left', { master: before.master })]),
    ...(before.master === after.master || after.master === undefined
      ? []
      : [happening(after, 'joined', { master: after.master })]),
    ...(before.up === after.up ? [] : [happening(after, after.up ? 'up' : 'down')]),
    // A link that is not up yet is being prepared.
    ...(isUp && before.hasCarrier !== after.hasCarrier
      ? [happening(after, after.hasCarrier ? 'carrier' : 'no carrier')]
      : []),
    ...(isUp && before.mac !== after.mac && before.mac !== undefined
      ? [happening(after, 'mac', { before: before.mac })]
      : []),
    ...(before.mtu === after.mtu ? [] : [happening(after, 'mtu', { before: before.mtu, mtu: after.mtu })]),
  ];
}

function addressChanges(
  { addresses: before }: Pick<KnownLink, 'addresses'>,
  { name, addresses: after }: KnownLink,
): readonly Happening[] {
  const event = (address: string, what: 'added' | 'removed'): Happening => ({
    ...{ source: 'kernel', object: 'address', name, event: what, address },
  });
  return [
    ...[...before].filter((address) => !after.has(address)).map((address) => event(address, 'removed')),
    ...[...after].filter((address) => !before.has(address)).map((address) => event(address, 'added')),
  ];
}
