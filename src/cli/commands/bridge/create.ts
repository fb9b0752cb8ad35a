import { planBridgeCreate } from '../../../plan/host/bridge.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, given, withTies } from '../../host-change.ts';
import { confirmOptions, isByManager, persistOptions } from '../../host-options.ts';
import { randomBridgeMac } from '../../random.ts';
import { takenText } from '../../views/taken.ts';
import { quoted } from '../../../values/quoted.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '<BRIDGE>', description: 'its name, at most 15 characters' }],
  options: [
    {
      flags: '--port <NIC>',
      description: 'a NIC, VLAN device or bond that becomes its port',
      repeat: true,
      completes: 'port',
    },
    { flags: '--take-ip', description: "the NIC's addresses, routes and MAC go over to the bridge, in one moment" },
    {
      flags: '--address <CIDR>',
      description: "the host's own address on it, for example 192.168.10.1/24; with --persist also dhcp",
    },
    { flags: '--gateway <IP>', description: 'the router of the default route' },
    { flags: '--mac <MAC>', description: 'its MAC address; that of its first NIC when left out' },
    { flags: '--stp', description: 'look for loops: ports then wait before they pass frames' },
    { flags: '--vlan-filtering', description: 'its ports are in VLANs of their own' },
    ...confirmOptions,
    ...persistOptions,
  ],
  description:
    'Guests on it are in the network that its ports are in. Its MAC address stays when ports come and go. STP is off, and no port waits before it passes ' +
    "frames, unless --stp is given: guests' DHCP would give up. Where the bridge is there already it gets what is named, and nothing is taken from it. " +
    'It is gone at the next boot, unless --persist has the host make it anew.',
  examples: [
    ['bridge create br0 --port eno1', 'guests on br0 are in the network behind eno1'],
    ['bridge create br0 --port eno1 --take-ip', 'eno1 has the address that you came by; then kvmnet confirm'],
    ['bridge create br1 --address 192.168.10.1/24', 'a switch of its own, for guests and the host'],
    ['bridge create br0 --port eno1 --dry-run', 'shows the ip commands'],
    ['bridge create br0 --port eno1 --take-ip --persist', 'and is there after the next boot'],
  ],
  run(context, [name = ''], options) {
    const { port, stp, takeIp, vlanFiltering } = options;
    const ports = Array.isArray(port) ? (port as readonly string[]) : [];
    const byManager = isByManager(options);
    const wanted = {
      name,
      ports,
      takeIp: takeIp === true,
      stp: stp === true,
      vlanFiltering: vlanFiltering === true,
      randomMac: randomBridgeMac(),
      ...given(options, ...(byManager ? [] : (['address'] as const)), 'gateway', 'mac'),
    };
    const next = ports.length === 0 ? '' : `\nnext: kvmnet vm attach VM ${quoted(name)}`;
    return changeHost(
      context,
      async (state) => ({
        ...(await withTies(planBridgeCreate(wanted, state), name, state)),
        persist: { dhcp: byManager ? [name] : [] },
      }),
      (plan) => `bridge ${name} is there${wanted.takeIp ? takenText(name, plan) : ''}${next}`,
      [name],
      options,
    );
  },
};
