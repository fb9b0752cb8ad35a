import { common, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { findVirshDomain, nicOption } from './domain-arguments.ts';

/** virsh's words for the counters, in its order. */
const words = [
  ['rx_bytes', 'rxBytes'],
  ['rx_packets', 'rxPackets'],
  ['rx_errs', 'rxErrors'],
  ['rx_drop', 'rxDrops'],
  ['tx_bytes', 'txBytes'],
  ['tx_packets', 'txPackets'],
  ['tx_errs', 'txErrors'],
  ['tx_drop', 'txDrops'],
] as const;

export const domifstat: VirshDefinition = {
  options: [common.domain, nicOption],
  examples: [['domifstat VM1 vnet0', 'what the guest has received and sent']],
  async run(call) {
    const connection = await call.connection('read');
    const { name, uuid } = await findVirshDomain(call, connection);
    const device = call.required('interface');
    const [stats] = await connection.call('getInterfaceStats', { domain: uuid, devices: [device] });
    if (!stats?.counters) {
      const problem = stats?.problem ?? 'no answer';
      const line = `Failed to get interface stats ${call.required('domain')} ${device}\n${problem}`;
      throw new VirshError('BACKEND', `${name} has no counters of ${device}: ${problem}`, line, {
        hint: `kvmnet vm nics ${name} shows its NICs`,
      });
    }
    const { counters } = stats;
    const told = words.flatMap(([word, key]) => {
      const value = counters[key];
      return value === undefined ? [] : [[word, value] as const];
    });
    told.forEach(([word, value]) => {
      call.print(`${device} ${word} ${String(value)}\n`);
    });
    return { domain: name, interface: device, ...Object.fromEntries(told) };
  },
};
