import { parseVlanIds, planVlanCreate, type VlanPlan } from '../../../plan/host/vlan.ts';
import type { Link } from '../../../records/link.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, given } from '../../host-change.ts';
import { isByManager, persistOptions } from '../../persist-option.ts';
import { nic, vlanIds } from './shared.ts';
import { quoted } from '../../../values/quoted.ts';

export const command: CommandDefinition = {
  arguments: [nic, vlanIds],
  options: [
    {
      flags: '--bridge <BRIDGE>',
      description: 'Add the device to this bridge, which is created if necessary',
      completes: 'bridge',
    },
    {
      flags: '--address <CIDR>',
      description: 'Address of the host in the VLAN, on the bridge or else on the device',
    },
    { flags: '--name <NAME>', description: 'Name of the device (default: NIC.ID)' },
    ...persistOptions,
  ],
  description:
    'Brings the NIC up, creates the device NIC.ID and the bridge, adds the device to the bridge, and brings both up. Existing devices ' +
    'stay unchanged. For several IDs, use {id} in --bridge and --name. The devices last until the next boot, unless --persist saves ' +
    'them.',
  examples: [
    ['vlan create eno1 10 --bridge brvlan-10', 'Guests on brvlan-10 are in VLAN 10 of eno1'],
    ['vlan create eno1 10 --bridge brvlan-10 --persist', 'Keep them after the next boot'],
    ['vlan create eno1 10 --address 192.168.10.1/24', 'Put the host itself into VLAN 10'],
    ["vlan create eno1 10-19 30 --bridge 'brvlan-{id}'", 'Create eleven VLANs, each with its bridge'],
  ],
  run(context, [name = '', ...ids], options) {
    const byManager = isByManager(options);
    const wanted = {
      nic: name,
      ids,
      ...given(options, 'bridge', ...(byManager ? [] : (['address'] as const)), 'name'),
    };
    const own = byManager ? (wanted.bridge ?? wanted.name ?? `${name}.${ids[0] ?? ''}`) : undefined;
    return changeHost(
      context,
      (state) => {
        const plan = planVlanCreate(wanted, state);
        return {
          ...plan,
          persist: {
            devices: vlansThere(name, parseVlanIds(ids), state.host?.links ?? []),
            dhcp: own === undefined ? [] : [own],
          },
        };
      },
      ({ made }) => createdText(made),
      [name],
      options,
    );
  },
};

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
