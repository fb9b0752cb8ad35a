/** Links as they should be. */
import type { Link, Route } from './link.ts';

/** Arguments of ip(8). */
export type IpCommand = readonly string[];

/** A link as it should be; what is left out may be as it is. */
export type WantedLink = Partial<
  Pick<Link, 'kind' | 'mac' | 'mtu' | 'up' | 'parent' | 'vlan' | 'bond' | 'macvlan' | 'addresses'>
> & {
  /** null: a port of nothing. Not undefined, which the journal's JSON leaves out. */
  readonly master?: string | null;
  readonly bridge?: Partial<NonNullable<Link['bridge']>> | undefined;
  /** Made together with a veth device: the name of its other end. */
  readonly peer?: string;
  /** The network namespace that the other end is made in. */
  readonly peerNetns?: string;
  /** All routes through it that are not the kernel's own. */
  readonly routes?: WantedRoutes;
};

/** Links by name; null: not there. */
export type WantedLinks = Readonly<Record<string, WantedLink | null>>;

/** Without the name of the device: they may be another device's routes. */
export type WantedRoutes = readonly Omit<Route, 'dev'>[];
