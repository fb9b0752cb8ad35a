import { unlessMissing } from '../../../errors.ts';
import { findNetwork } from '../../../state/find-network.ts';
import type { Context } from '../../context.ts';
import { flag, typed } from '../../options.ts';
import { escapeXml } from '../../../values/printable.ts';

/** By its name in one look; what else a user may mean takes the names of all. */
async function networkXml(context: Context, name: string, inactive: boolean) {
  const connection = await context.connection('read');
  const network = await unlessMissing(connection.call('networkXml', { network: name, inactive }));
  if (network?.name === name) return network;
  const { uuid } = findNetwork(await context.observe({ only: ['networks'], leases: false }), name);
  return connection.call('networkXml', { network: uuid, inactive });
}

export const command = typed({
  arguments: [{ name: '<NAME>', description: 'Network, by name or UUID', completes: 'network' }],
  options: { inactive: flag('--inactive', 'Print the definition for the next start, even of an active network') },
  examples: [
    ['net xml default', 'Print the live XML'],
    ['net xml default --inactive > default.xml', 'Print the XML for the next start'],
  ],
  async run(context, [name = ''], { inactive }) {
    const network = await networkXml(context, name, inactive);
    return { value: network, text: escapeXml(network.xml), isVerbatim: true };
  },
});
