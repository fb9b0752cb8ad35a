import { randomBytes } from 'node:crypto';
import { planBridgeCreate } from '../../../plan/host/bridge.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, given } from '../../host-change.ts';
import { confirmOptions } from '../../lifeline.ts';
import { isByManager, persistOptions } from '../../persist-option.ts';
import { withTies } from '../../take-ties.ts';
import { takenText } from '../../views/taken.ts';
import { quoted } from '../../../values/quoted.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '<BRIDGE>', description: 'Name of the bridge, at most 15 characters' }],
  options: [
    {
      flags: '--port <NIC>',
      description: 'Add this NIC, VLAN device or bond as a port',
      repeat: true,
      completes: 'port',
    },
    {
      flags: '--take-ip',
      description: "Move the NIC's addresses, routes and MAC address to the bridge, within milliseconds",
    },
    {
      flags: '--address <CIDR>',
      description: 'Address of the host on the bridge, for example 192.168.10.1/24; with --persist also dhcp',
    },
    { flags: '--gateway <IP>', description: 'Gateway of the default route' },
    { flags: '--mac <MAC>', description: 'MAC address of the bridge (default: the address of its first NIC)' },
    { flags: '--stp', description: 'Enable STP (new ports wait before forwarding)' },
    { flags: '--vlan-filtering', description: 'Enable VLAN filtering between its ports' },
    ...confirmOptions,
    ...persistOptions,
  ],
  description:
    'Guests on the bridge are in the network of its ports. Its MAC address stays the same when ports come and go. STP is off, so that ' +
    'ports forward immediately and DHCP of guests does not time out; --stp enables it. If the bridge already exists, the given settings ' +
    'are added and nothing is removed. The bridge lasts until the next boot, unless --persist saves it.',
  examples: [
    ['bridge create br0 --port eno1', 'Guests on br0 are in the network behind eno1'],
    [
      'bridge create br0 --port eno1 --take-ip',
      'If eno1 has the address that you use to reach the host; then run kvmnet confirm',
    ],
    ['bridge create br1 --address 192.168.10.1/24', 'A separate switch for guests and the host'],
    ['bridge create br0 --port eno1 --dry-run', 'Print the ip commands'],
    ['bridge create br0 --port eno1 --take-ip --persist', 'Keep the bridge after the next boot'],
  ],
  run(context, [name = ''], options) {
    const { port, stp, takeIp, vlanFiltering } = options;
    const ports = Array.isArray(port) ? (port as readonly string[]) : [];
    const byManager = isByManager(options);
    const randomMac = locallyAdministered(randomBytes(6));
    const wanted = {
      name,
      ports,
      takeIp: takeIp === true,
      stp: stp === true,
      vlanFiltering: vlanFiltering === true,
      randomMac,
      ...given(options, ...(byManager ? [] : (['address'] as const)), 'gateway', 'mac'),
    };
    const next = ports.length === 0 ? '' : `\nnext: kvmnet vm attach VM ${quoted(name)}`;
    return changeHost(
      context,
      async (state) => ({
        ...(await withTies(planBridgeCreate(wanted, state), name, state)),
        persist: { dhcp: byManager ? [name] : [] },
      }),
      (plan) => `created bridge ${name}${wanted.takeIp ? takenText(name, plan) : ''}${next}`,
      [name],
      options,
    );
  },
};

/** A device's own address (IEEE 802, 8.4): the second bit of the first byte marks a locally administered address, the first a multicast address. */
function locallyAdministered([first = 0, ...others]: Buffer): string {
  return [(first & 0xfc) | 2, ...others].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
