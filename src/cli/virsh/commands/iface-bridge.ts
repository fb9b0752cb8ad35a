/** virsh's commands that make a bridge over an interface, and take it away again; they need libvirt's netcf driver. */
import { unlessMissing } from '../../../errors.ts';
import type { Connection } from '../../../libvirt/connection.ts';
import type { Plan } from '../../../plan/step.ts';
import { planInterfaceBridge, planInterfaceUnbridge } from '../../../plan/virsh/interface.ts';
import { changeObject } from '../change.ts';
import { data, flag, number, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { findInterface, knownInterface, requireInterface } from '../find.ts';

export const ifaceBridge: VirshDefinition = {
  options: [
    data('interface', 'the name of an interface', { completes: 'link' }),
    data('bridge', 'the name of the new bridge'),
    flag('no-stp', 'no spanning tree'),
    number('delay', 'seconds until a new port forwards'),
    flag('no-start', 'leave the bridge down'),
  ],
  examples: [['iface-bridge eth0 br0', 'a bridge br0 with eth0 in it, and with its addresses']],
  async run(call) {
    const connection = await call.connection('change');
    const { name } = await findInterface(call, connection, 'name');
    const bridge = call.required('bridge');
    if (await unlessMissing(connection.call('getInterface', { name: bridge }))) {
      throw new VirshError(
        'CONFLICT',
        `there is an interface ${bridge} already`,
        `Network device ${bridge} already exists`,
      );
    }
    const delay = call.number('delay', 0) ?? 0;
    const { bridgeOver } = await import('../../../xml/interface-bridge.ts');
    const makePlan = async (connection: Connection): Promise<Plan> => {
      const old = await connection.call('interfaceXml', { name, inactive: true });
      const xml = bridgeOver(old, bridge, call.given('no-stp') ? undefined : { delay });
      return planInterfaceBridge(name, { name: bridge, xml }, !call.given('no-start'));
    };
    return changeObject(call, makePlan, () => {
      call.extra(`Created bridge ${bridge} with attached device ${name}\n`);
      if (!call.given('no-start')) call.extra(`Bridge interface ${bridge} started\n`);
      return { bridge, interface: name };
    });
  },
};

export const ifaceUnbridge: VirshDefinition = {
  options: [
    data('bridge', 'the name of a bridge with one port', { completes: 'bridge' }),
    flag('no-start', 'leave the port down'),
  ],
  description: 'When the port cannot be defined, the bridge is defined and started again.',
  examples: [['iface-unbridge br0', 'takes the bridge away; its port gets its addresses']],
  async run(call) {
    const connection = await call.connection('change');
    const { name: bridge } = await findInterface(call, connection, 'name', 'bridge');
    const { portOf } = await import('../../../xml/interface-bridge.ts');
    const port = portOf(await connection.call('interfaceXml', { name: bridge, inactive: true }));
    const makePlan = async (connection: Connection): Promise<Plan> => {
      const known = await requireInterface(connection, bridge);
      const existing = await knownInterface(connection, port.name);
      return planInterfaceUnbridge(known, portOf(known.xml), existing, !call.given('no-start'));
    };
    return changeObject(call, makePlan, () => {
      call.extra(`Device ${port.name} un-attached from bridge ${bridge}\n`);
      if (!call.given('no-start')) call.extra(`Interface ${port.name} started\n`);
      return { bridge, interface: port.name };
    });
  },
};
