/** Arguments and options that the commands on bridges have in common. */
import type { ArgumentDefinition } from '../../command.ts';
import { flag } from '../../options.ts';

export const bridge: ArgumentDefinition = {
  name: '<BRIDGE>',
  description: 'Bridge of the host',
  completes: 'bridge',
};
export const bridges: ArgumentDefinition = {
  name: '<BRIDGE...>',
  description: 'Bridges of the host',
  completes: 'bridge',
};
export const anyBridges: ArgumentDefinition = {
  name: '[BRIDGE...]',
  description: 'Bridges of the host (default: all)',
  completes: 'bridge',
};
export const ports: ArgumentDefinition = {
  name: '<NIC...>',
  description: 'NICs, VLAN devices or bonds of the host',
  completes: 'port',
};
export const takeIp = flag(
  '--take-ip',
  "Move the NIC's addresses, routes and MAC address to the bridge, within milliseconds",
);
