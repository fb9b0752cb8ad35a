import { planVlanCreate, type VlanPlan } from '../../../plan/host/vlan.ts';
import { parseVlanIds } from '../../../values/number.ts';
import type { Link } from '../../../records/link.ts';
import { changeHost } from '../../host-change.ts';
import { addressOption, ownAddress, persistOptions } from '../../host-options.ts';
import { text, typed } from '../../options.ts';
import { nic, vlanIds } from './shared.ts';
import { quoted } from '../../../values/quoted.ts';

export const command = typed({
  arguments: [nic, vlanIds],
  options: {
    bridge: text('--bridge <BRIDGE>', 'a bridge that the device becomes a port of, made where it is missing', 'bridge'),
    address: addressOption("the host's own address in the VLAN: on the bridge, or else on the device"),
    name: text('--name <NAME>', 'of the device, in place of NIC.ID'),
    ...persistOptions,
  },
  description:
    'Does the whole of it in the right order: brings the NIC up, makes the device NIC.ID, the bridge, plugs the one into the other, and brings both up. ' +
    'What is there already stays as it is. For several IDs put {id} where each is to be in --bridge and --name. ' +
    'It is gone at the next boot, unless --persist has the host make it anew.',
  examples: [
    ['vlan create eno1 10 --bridge brvlan-10', 'guests on brvlan-10 are in VLAN 10 of eno1'],
    ['vlan create eno1 10 --bridge brvlan-10 --persist', 'and they are there after the next boot'],
    ['vlan create eno1 10 --address 192.168.10.1/24', 'the host itself is in VLAN 10'],
    ["vlan create eno1 10-19 30 --bridge 'brvlan-{id}'", 'eleven at once, each with its bridge'],
  ],
  run(context, [name = '', ...ids], options) {
    const { bridge, name: device } = options;
    const { address, byManager } = ownAddress(options);
    const wanted = { nic: name, ids: parseVlanIds(ids), bridge, address, name: device };
    const own = byManager ? (bridge ?? device ?? `${name}.${ids[0] ?? ''}`) : undefined;
    return changeHost(
      context,
      (state) => {
        const plan = planVlanCreate(wanted, state);
        return {
          ...plan,
          persist: {
            devices: vlansThere(name, wanted.ids, state.host?.links ?? []),
            dhcp: own === undefined ? [] : [own],
          },
        };
      },
      ({ made }) => createdText(made),
      [name],
      options,
    );
  },
});

/** A line for each device, and what to type next. */
function createdText(made: VlanPlan['made']): string {
  const lines = made.map(({ device, bridge }) =>
    bridge === undefined ? `VLAN device ${device}` : `VLAN device ${device}, a port of bridge ${bridge}`,
  );
  const bridge = made[0]?.bridge;
  return [...lines, ...(bridge === undefined ? [] : [`next: kvmnet vm attach VM ${quoted(bridge)}`])].join('\n');
}

/** The VLAN devices of a NIC that are there already, with their bridges: nothing changes on them, and they are written nevertheless. */
function vlansThere(nic: string, ids: readonly number[], links: readonly Link[]): readonly string[] {
  return links.filter(({ parent, vlan }) => parent === nic && vlan && ids.includes(vlan.id)).map(({ name }) => name);
}
