/** What commands on one network have in common. */
import type { ArgumentDefinition } from '../../command.ts';

export const networkName: ArgumentDefinition = {
  name: '<NAME>',
  description: 'the network, by name or UUID',
  completes: 'network',
};
