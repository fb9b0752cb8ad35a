/** Devices to keep across a boot, in the terms of network managers but independent of their formats. */
import { isDefaultRoute } from '../values/route.ts';
import type { BondSettings, BridgeSettings } from '../records/link.ts';

/** A device that its manager has to bring up. What is left out is the kernel's default. */
export interface PersistDevice {
  readonly name: string;
  /** The bridge or bond that it is a port of: it has no addresses then. */
  readonly master?: { readonly kind: 'bridge' | 'bond'; readonly name: string };
  /** Set explicitly; always set for a bridge, so that it stays the same when ports come and go. */
  readonly mac?: string;
  readonly mtu?: number;
  readonly vlan?: { readonly parent: string; readonly id: number; readonly protocol: string };
  readonly bridge?: PersistBridge;
  readonly bond?: PersistBond;
  /** In CIDR form, IPv4 and IPv6, without what a server or a router gave. */
  readonly addresses: readonly string[];
  readonly dhcp4: boolean;
  readonly dhcp6: boolean;
  /** Takes addresses and routes from IPv6 router advertisements. */
  readonly acceptRa: boolean;
  /** Has, or would have once it is up, an address of its own making in fe80::/64. */
  readonly linkLocal: boolean;
  readonly routes: readonly PersistRoute[];
}

export type PersistBridge = Pick<
  BridgeSettings,
  'stp' | 'forwardDelay' | 'helloTime' | 'maxAge' | 'ageingTime' | 'priority' | 'vlanFiltering'
> & { readonly ports: readonly string[] };

export interface PersistBond extends Pick<BondSettings, 'mode' | 'miimon' | 'primary'> {
  readonly ports: readonly string[];
  /** Of a port, as a rule. */
  readonly mac: string | undefined;
}

export interface PersistRoute {
  /** In CIDR form. */
  readonly destination: string;
  readonly gateway?: string;
  readonly metric?: number;
  readonly source?: string;
  readonly onlink?: boolean;
}

export interface PersistModel {
  /** A device comes after the devices below it. */
  readonly devices: readonly PersistDevice[];
  /** Named, and not on the host: what is written of them goes. */
  readonly gone: readonly string[];
  /** Patterns of names that belong to other programs: no manager may touch these. */
  readonly unmanaged: readonly string[];
  /** Devices of the host that are not written, each with the reason. */
  readonly warnings: readonly string[];
}

/** With the MAC of a bond as one of its own: systemd-networkd invents one for it, where the kernel takes the MAC of its first port. */
export function withBondMac(device: PersistDevice): PersistDevice {
  const mac = device.mac ?? device.bond?.mac;
  return mac === undefined ? device : { ...device, mac };
}

/** The kernel's own settings of a new bridge, which no format has to repeat; times in seconds. */
export const bridgeDefaults = { helloTime: 2, maxAge: 20, ageingTime: 300, priority: 32768 } as const;

export function isIpv6(text: string): boolean {
  return text.includes(':');
}

/** The default gateway of a family that every format has a plain word for: through no metric of its own, and reachable as it is. */
export function plainGateway({ routes }: PersistDevice, family: 4 | 6): PersistRoute | undefined {
  return routes.find(
    (route) =>
      isDefaultRoute(route) &&
      isIpv6(route.destination) === (family === 6) &&
      route.gateway !== undefined &&
      (route.metric === undefined || route.metric === (family === 6 ? kernelMetric6 : 0)) &&
      route.source === undefined &&
      route.onlink !== true,
  );
}

/** Routes other than plain default gateways. */
export function otherRoutes(device: PersistDevice): readonly PersistRoute[] {
  const plain = [plainGateway(device, 4), plainGateway(device, 6)];
  return device.routes.filter((route) => !plain.includes(route));
}

/** The kernel's default metric of IPv6 routes. @see IP6_RT_PRIO_USER of the kernel's net/ip6_route.h */
export const kernelMetric6 = 1024;

export function addressesOf({ addresses }: PersistDevice, family: 4 | 6): readonly string[] {
  return addresses.filter((address) => isIpv6(address) === (family === 6));
}

/** `255.255.255.0` of 24. */
export function netmask(prefix: number): string {
  const bits = (0xffffffff << (32 - prefix)) >>> 0;
  return prefix === 0 ? '0.0.0.0' : [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/** 24 of `24` and of `255.255.255.0`; undefined for what is neither. */
export function prefixOf(mask: string | undefined): number | undefined {
  if (mask === undefined) return undefined;
  if (/^\d+$/.test(mask)) return Number(mask);
  const lengths = Array.from({ length: 33 }, (_, prefix) => prefix);
  return lengths.find((prefix) => netmask(prefix) === mask);
}

export function splitCidr(cidr: string): readonly [address: string, prefix: number] {
  const [address = '', prefix = ''] = cidr.split('/');
  return [address, Number(prefix)];
}
