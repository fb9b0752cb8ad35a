import { planBridgeCreate } from '../../../plan/host/bridge.ts';
import { changeHost, withNicReferences } from '../../host-change.ts';
import { addressOption, confirmOptions, ownAddress, persistOptions } from '../../host-options.ts';
import { flag, parsed, texts, typed } from '../../options.ts';
import { randomBridgeMac } from '../../random.ts';
import { parseIp } from '../../../values/address.ts';
import { parseMac } from '../../../values/mac.ts';
import { takenText } from '../../views/taken.ts';
import { takeIp } from './shared.ts';
import { quoted } from '../../../values/quoted.ts';

export const command = typed({
  arguments: [{ name: '<BRIDGE>', description: 'its name, at most 15 characters' }],
  options: {
    port: texts('--port <NIC>', 'a NIC, VLAN device or bond that becomes its port', 'port'),
    takeIp,
    address: addressOption("the host's own address on it, for example 192.168.10.1/24; with --persist also dhcp"),
    gateway: parsed('--gateway <IP>', 'the router of the default route', parseIp),
    mac: parsed('--mac <MAC>', 'its MAC address; that of its first NIC when left out', parseMac),
    stp: flag('--stp', 'look for loops: ports then wait before they pass frames'),
    vlanFiltering: flag('--vlan-filtering', 'its ports are in VLANs of their own'),
    ...confirmOptions,
    ...persistOptions,
  },
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
      (plan) => `bridge ${name} is there${wanted.takeIp ? takenText(name, plan) : ''}${next}`,
      [name],
      options,
    );
  },
});
