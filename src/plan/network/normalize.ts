/** Two definitions of one network side by side: in what of them order means nothing, and what no live update reaches. */
import { differences, sameNetwork, type Difference } from '../../xml/meaning.ts';
import type { Network, NetworkInput } from '../../xml/network.ts';

/** `to` with its lists in the order of `from`, where order means nothing; what is new comes last. */
export function arrangeLike(from: Network, to: Network): Network {
  const dns = to.dns && {
    ...to.dns,
    hosts: inOrderOf(from.dns?.hosts, to.dns.hosts, (hosts) => ({ name: '', dns: { hosts } })),
    txts: inOrderOf(from.dns?.txts, to.dns.txts, (txts) => ({ name: '', dns: { txts } })),
    srvs: inOrderOf(from.dns?.srvs, to.dns.srvs, (srvs) => ({ name: '', dns: { srvs } })),
  };
  return {
    ...to,
    ...(dns === undefined ? {} : { dns }),
    portgroups: inOrderOf(from.portgroups, to.portgroups, (portgroups) => ({ name: '', portgroups })),
    ips: to.ips.map((ip, index) => {
      const before = from.ips[index]?.dhcp;
      const dhcp = ip.dhcp && {
        ...ip.dhcp,
        hosts: inOrderOf(before?.hosts, ip.dhcp.hosts, (hosts) => ({ name: '', ips: [{ dhcp: { hosts } }] })),
        ranges: inOrderOf(before?.ranges, ip.dhcp.ranges, (ranges) => ({ name: '', ips: [{ dhcp: { ranges } }] })),
      };
      return dhcp === undefined ? ip : { ...ip, dhcp };
    }),
  };
}

function inOrderOf<T>(
  from: readonly T[] | undefined,
  to: readonly T[],
  within: (list: readonly T[]) => NetworkInput,
): readonly T[] {
  const rest = [...to];
  const kept = (from ?? []).flatMap((entry) => {
    const at = rest.findIndex((other) => sameNetwork(within([entry]), within([other])));
    return at === -1 ? [] : rest.splice(at, 1);
  });
  return [...kept, ...rest];
}

/** In what two definitions differ, whatever the order of their lists. */
export function realDifferences(from: Network, to: Network): readonly Difference[] {
  return differences(from, arrangeLike(from, to));
}

/** A definition without all that virNetworkUpdate changes. */
export function restOf(network: Network): NetworkInput {
  const { dns, forward } = network;
  return {
    ...network,
    portgroups: [],
    dns: dns && { ...dns, hosts: [], txts: [], srvs: [] },
    forward: forward && { ...forward, ...(takesInterfaces(forward.mode) ? { dev: undefined, interfaces: [] } : {}) },
    ips: network.ips.map((ip) => ({ ...ip, dhcp: ip.dhcp && { ...ip.dhcp, hosts: [], ranges: [] } })),
  };
}

/** A pool of macvtap NICs has users on each of them, and an SR-IOV pool is another list. */
function takesInterfaces(mode: string | undefined): boolean {
  return mode === undefined || mode === 'nat' || mode === 'route';
}

/** Only for people and tools: nothing that runs depends on it. */
const cosmeticFields: ReadonlySet<string> = new Set(['title', 'description', 'metadata']);

/** True for a difference that a running network need not be restarted for. */
export function isRemark({ path }: Difference): boolean {
  return cosmeticFields.has(path);
}
