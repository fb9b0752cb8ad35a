import { findNetwork } from '../../../state/find-network.ts';
import { flag, typed } from '../../options.ts';
import { escapeXml } from '../../../values/printable.ts';

export const command = typed({
  arguments: [{ name: '<NAME>', description: 'Network, by name or UUID', completes: 'network' }],
  options: { inactive: flag('--inactive', 'Print the definition for the next start, even of an active network') },
  examples: [
    ['net xml default', 'Print the live XML'],
    ['net xml default --inactive > default.xml', 'Print the XML for the next start'],
  ],
  async run(context, [name = ''], { inactive }) {
    const state = await context.observe({ only: ['networks'], leases: false });
    const network = findNetwork(state, name);
    const xml = inactive ? (network.inactiveXml ?? network.xml) : network.xml;
    return { value: { name: network.name, uuid: network.uuid, xml }, text: escapeXml(xml), isVerbatim: true };
  },
});
