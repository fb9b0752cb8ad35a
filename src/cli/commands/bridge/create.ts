import { planBridgeCreate } from '../../../plan/host/bridge.ts';
import { changeHost, withNicReferences } from '../../host-change.ts';
import { addressOption, confirmOptions, ownAddress, persistOptions } from '../../host-options.ts';
import { flag, parsed, texts, typed } from '../../options.ts';
import { randomBridgeMac } from '../../random.ts';
import { parseIp } from '../../../values/address.ts';
import { parseMac } from '../../../values/mac.ts';
import { takenText } from '../../views/taken.ts';
import { takeIp } from './arguments.ts';
import { quoted } from '../../../values/quoted.ts';

export const command = typed({
  arguments: [{ name: '<BRIDGE>', description: 'Name of the bridge, at most 15 characters' }],
  options: {
    port: texts('--port <NIC>', 'Add this NIC, VLAN device or bond as a port', 'port'),
    takeIp,
    address: addressOption('Address of the host on the bridge, for example 192.168.10.1/24; with --persist also dhcp'),
    gateway: parsed('--gateway <IP>', 'Gateway of the default route', parseIp),
    mac: parsed('--mac <MAC>', 'MAC address of the bridge (default: the address of its first NIC)', parseMac),
    stp: flag('--stp', 'Enable STP (new ports wait before forwarding)'),
    vlanFiltering: flag('--vlan-filtering', 'Enable VLAN filtering between its ports'),
    ...confirmOptions,
    ...persistOptions,
  },
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
    const { port: ports, gateway, mac, stp, vlanFiltering } = options;
    const { address, byManager } = ownAddress(options);
    const random = { randomMac: randomBridgeMac() };
    const wanted = { name, ports, takeIp: options.takeIp, stp, vlanFiltering, address, gateway, mac, ...random };
    const next = ports.length === 0 ? '' : `\nnext: kvmnet vm attach VM ${quoted(name)}`;
    return changeHost(
      context,
      async (state) => ({
        ...(await withNicReferences(planBridgeCreate(wanted, state), name, state)),
        persist: { dhcp: byManager ? [name] : [] },
      }),
      (plan) => `created bridge ${name}${wanted.takeIp ? takenText(name, plan) : ''}${next}`,
      [name],
      options,
    );
  },
});
