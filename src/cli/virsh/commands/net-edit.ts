import { planVirshDefine } from '../../../plan/virsh/network.ts';
import { isLibvirtError } from '../../../libvirt/error.ts';
import { parseNetwork } from '../../../xml/network.ts';
import { changeByPlan } from '../change.ts';
import { common, type VirshDefinition } from '../grammar/definition.ts';
import { editDocument } from '../edit.ts';
import { findNetwork } from '../find.ts';

export const netEdit: VirshDefinition = {
  options: [common.network],
  description:
    'kvmnet net edit also checks what was edited, shows the difference, and applies it to a running network.',
  examples: [['net-edit default', 'opens its configuration in $VISUAL or $EDITOR']],
  async run(call) {
    const connection = await call.connection('change');
    const { name, uuid } = await findNetwork(call, connection);
    const xml = (inactive: boolean): Promise<string> => connection.call('getNetworkXml', { network: uuid, inactive });
    // The test driver has no second definition, and refuses to be asked.
    const read = (): Promise<string> =>
      xml(true).catch((error: unknown) => {
        if (isLibvirtError(error, 'VIR_ERR_INVALID_ARG')) return xml(false);
        throw error;
      });
    return editDocument(call, read, {
      unchanged: `Network ${name} XML configuration not changed.\n`,
      define: (edited) => {
        const network = parseNetwork(edited);
        const options = { uuid: network.uuid ?? crypto.randomUUID(), validate: false };
        return changeByPlan(
          call,
          (state) => planVirshDefine(network, state, options),
          () => {
            call.extra(`Network ${network.name} XML configuration edited.\n`);
            return { network: network.name, uuid: options.uuid };
          },
          { only: ['networks', 'host'], leases: false },
        );
      },
    });
  },
};
