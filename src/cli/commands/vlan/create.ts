import { planVlanCreate, type VlanPlan } from '../../../plan/host/vlan.ts';
import { parseVlanIds } from '../../../values/number.ts';
import type { Link } from '../../../records/link.ts';
import { changeHost } from '../../host-change.ts';
import { addressOption, ownAddress, persistOptions } from '../../host-options.ts';
import { text, typed } from '../../options.ts';
import { nic, vlanIds } from './arguments.ts';
import { quoted } from '../../../values/quoted.ts';

export const command = typed({
  arguments: [nic, vlanIds],
  options: {
    bridge: text('--bridge <BRIDGE>', 'Add the device to this bridge, which is created if necessary', 'bridge'),
    address: addressOption('Address of the host in the VLAN, on the bridge or else on the device'),
    name: text('--name <NAME>', 'Name of the device (default: NIC.ID)'),
    ...persistOptions,
  },
  description:
    'Brings the NIC up, creates the device NIC.ID and the bridge, adds the device to the bridge, and brings both up. Existing devices ' +
    'stay unchanged. For several IDs, use {id} in --bridge and --name. The devices last until the next boot, unless --persist saves ' +
    'them.',
  examples: [
    ['vlan create eno1 10 --bridge brvlan-10', 'Guests on brvlan-10 are in VLAN 10 of eno1'],
    ['vlan create eno1 10 --bridge brvlan-10 --persist', 'Keep them after the next boot'],
    ['vlan create eno1 10 --address 192.168.10.1/24', 'Add the host itself to VLAN 10'],
    ["vlan create eno1 10-19 30 --bridge 'brvlan-{id}'", 'Create eleven VLANs, each with its bridge'],
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

/** The existing VLAN devices of a NIC, with their bridges: unchanged, but written to the files as well. */
function vlansThere(nic: string, ids: readonly number[], links: readonly Link[]): readonly string[] {
  return links.filter(({ parent, vlan }) => parent === nic && vlan && ids.includes(vlan.id)).map(({ name }) => name);
}
