/** Guests that networks would have: one stands for each network, in a report and as a temporary namespace. */
import type { Link } from '../records/link.ts';
import { isOpenVswitch, kindOf, nicsOf } from '../state/network-kind.ts';
import type { NetworkState } from '../state/state.ts';
import type { Network } from '../xml/network.ts';

/** The end of a guest's cable on the host; or why there can be none. */
export type StandIn = { readonly network: string } & (
  { readonly link: Link } | { readonly problem: string } | { readonly obscure: string }
);

const end = {
  ...{ index: 0, type: 'ether', mac: undefined, mtu: 1500, up: true, wireless: false, master: undefined },
  ...{ addresses: [], operstate: 'UP', parent: undefined, permanentMac: undefined },
} as const;

/**
 * Returns the stand-in of each network, in their order.
 * @param nameOf the name of the device of the network at this place
 */
export function standIns(networks: readonly NetworkState[], nameOf: (index: number) => string): readonly StandIn[] {
  return networks.map((state, index) => {
    const { name: network, network: definition, bridge } = state;
    if (!state.active) return { network, problem: `network ${network} is not active` };
    const kind = kindOf(definition);
    const base = { ...end, name: nameOf(index), netns: network };
    if (isOpenVswitch(definition)) return { network, obscure: 'Open vSwitch forwards by its own tables' };
    if (kind === 'macvtap') return macvlanOf(network, definition, base);
    if (bridge === undefined) return { network, obscure: 'the host does not see its frames' };
    return { network, link: { ...base, kind: 'veth', master: bridge, ...portOf(definition) } };
  });
}

function macvlanOf(network: string, definition: Network, base: Omit<Link, 'kind'>): StandIn {
  const [parent] = nicsOf(definition);
  if (parent === undefined) return { network, obscure: 'no NIC is known' };
  const mode = definition.forward?.mode ?? 'bridge';
  if (mode === 'passthrough') return { network, obscure: 'a guest has the whole NIC' };
  return { network, link: { ...base, kind: 'macvlan', parent, macvlan: { mode } } };
}

/** The port that libvirt gives to guests of the network. */
function portOf({ port, vlan }: Network): Pick<Link, 'port' | 'vlans'> {
  const settings = { state: 'forwarding', cost: 2, priority: 32, hairpin: false, guard: false };
  const id = vlan?.tags[0]?.id ?? 1;
  return {
    port: { ...settings, isolated: port?.isolated === true },
    vlans: [{ id, pvid: true, untagged: true }],
  };
}
