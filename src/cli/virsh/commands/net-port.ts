/** virsh's commands on the ports of a network: one for each attached NIC. */
import { KvmnetError } from '../../../errors.ts';
import { suggestion } from '../../../values/nearest.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeObject, readable } from '../change.ts';
import { common, data, flag, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { printXml } from '../dumpxml.ts';
import { VirshError } from '../grammar/error.ts';
import { findNetwork, orMissing } from '../find.ts';
import type { Connection } from '../../../libvirt/connection.ts';

const portOption = data('port', "a port's UUID");

export const netPortList: VirshDefinition = {
  options: [common.network, flag('uuid', 'print UUIDs only'), flag('table', 'print a table (the default)')],
  examples: [['net-port-list default', 'the UUIDs of its ports']],
  async run(call) {
    if (call.given('uuid') && call.given('table')) {
      const line = 'Only one argument from --table and --uuid may be specified.';
      throw new VirshError('USAGE', '--uuid and --table do not go together', line, { hint: 'use one of them' });
    }
    const connection = await call.connection('read');
    const { uuid } = await findNetwork(call, connection);
    const ports = await connection.call('listNetworkPorts', { network: uuid });
    const uuids = ports.map((each) => each.uuid).sort();
    if (call.given('uuid')) uuids.forEach((each) => call.print(`${each}\n`));
    else
      await call.table(
        ['UUID'],
        uuids.map((each) => [each]),
      );
    return uuids;
  },
};

export const netPortCreate: VirshDefinition = {
  options: [common.network, common.file('a port'), common.validate],
  description: 'libvirt makes the ports of domains itself; this is for programs that plug in something of their own.',
  examples: [['net-port-create default port.xml', 'makes a port']],
  async run(call) {
    const network = await findNetwork(call, await call.connection('change'));
    const file = call.required('file');
    const given = await readDocument(call.context, file);
    const read = await readable(({ withPortUuid }) => withPortUuid(given, crypto.randomUUID()));
    const port = read ?? { xml: given, uuid: undefined };
    const { planPortCreate } = await import('../../../plan/virsh/network-object.ts');
    return changeObject(
      call,
      () => Promise.resolve(planPortCreate(network, { ...port, validate: call.given('validate') })),
      () => {
        call.extra(`Network port ${port.uuid ?? ''} created from ${file}\n`);
        return { network: network.name, port: port.uuid };
      },
    );
  },
};

export const netPortDumpxml: VirshDefinition = {
  options: [common.network, portOption, common.xpath, common.wrap],
  missesWithStatus0: true,
  examples: [['net-port-dumpxml default 2f1d0a30-6a43-4b5c-8f5f-6a8e5f0b8f10', 'who is plugged in there']],
  async run(call) {
    const connection = await call.connection('read');
    const network = await findNetwork(call, connection);
    const { uuid, xml } = await findPort(call, connection, network);
    return printXml(call, connection, uuid, () => Promise.resolve(xml));
  },
};

export const netPortDelete: VirshDefinition = {
  options: [common.network, portOption],
  missesWithStatus0: true,
  description: 'The guest behind the port stays attached, but its network no longer knows it.',
  examples: [['net-port-delete default 2f1d0a30-6a43-4b5c-8f5f-6a8e5f0b8f10', 'removes the record of a port']],
  async run(call) {
    const connection = await call.connection('change');
    const network = await findNetwork(call, connection);
    const found = await findPort(call, connection, network);
    const { planPortDelete } = await import('../../../plan/virsh/network-object.ts');
    return changeObject(
      call,
      () => Promise.resolve(planPortDelete(network, found)),
      () => {
        call.extra(`Network port ${found.uuid} deleted\n`);
        return { network: network.name, port: found.uuid };
      },
    );
  },
};

async function findPort(
  call: VirshCall,
  connection: Connection,
  network: { readonly name: string; readonly uuid: string },
) {
  const wanted = call.required('port');
  const found = await orMissing(
    connection.call('getNetworkPort', { network: network.uuid, port: wanted }),
    'network port',
    wanted,
  );
  if (!(found instanceof KvmnetError)) return found;
  const ports = await connection.call('listNetworkPorts', { network: network.uuid });
  const uuids = ports.map(({ uuid }) => uuid);
  const message = `network ${network.name} has no port ${JSON.stringify(wanted)}`;
  throw new VirshError('NOTFOUND', message, `failed to get network port '${wanted}'`, {
    hint: suggestion(wanted, uuids, `kvmnet net-port-list ${network.name} shows them`),
    cause: found,
  });
}
