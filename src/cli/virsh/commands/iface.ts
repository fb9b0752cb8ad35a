/** virsh's commands on the host's interfaces. Where libvirt is built with udev's driver (Debian, Fedora) it looks and changes nothing. */
import type { Plan } from '../../../plan/step.ts';
import {
  planInterfaceDefine,
  planInterfaceStart,
  planInterfaceStop,
  planInterfaceTransaction,
  planInterfaceUndefine,
  type KnownInterface,
} from '../../../plan/virsh/interface.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeObject, readable } from '../change.ts';
import { common, data, flag, type VirshDefinition } from '../grammar/definition.ts';
import { printXml } from '../dumpxml.ts';
import { editDocument } from '../edit.ts';
import { findInterface, knownInterface, requireInterface } from '../find.ts';
import { inVirshOrder } from '../order.ts';

const interface_ = data('interface', 'interface name or MAC address', { completes: 'link' });

export const ifaceList: VirshDefinition = {
  options: [flag('inactive', 'only interfaces that are down'), flag('all', 'all interfaces, up and down')],
  examples: [['iface-list --all', 'the interfaces of the host, as libvirt sees them']],
  async run(call) {
    call.exclusive('all', 'inactive');
    const all = await (await call.connection('read')).call('listInterfaces');
    const shown = inVirshOrder(
      all.filter(({ active }) => call.given('all') || active !== call.given('inactive')),
      ({ name }) => name,
    );
    await call.table(
      ['Name', 'State', 'MAC Address'],
      shown.map(({ name, active, mac }) => [name, active ? 'active' : 'inactive', mac ?? '']),
    );
    return shown;
  },
};

export const ifaceName: VirshDefinition = {
  options: [data('interface', 'the MAC address of an interface')],
  examples: [['iface-name 52:54:00:12:34:56', 'the name of the interface that has it']],
  async run(call) {
    const { name, mac } = await findInterface(call, await call.connection('read'), 'mac');
    call.print(`${name}\n`);
    return { name, mac };
  },
};

export const ifaceMac: VirshDefinition = {
  options: [data('interface', 'the name of an interface', { completes: 'link' })],
  examples: [['iface-mac eth0', 'its MAC address']],
  async run(call) {
    const { name, mac } = await findInterface(call, await call.connection('read'), 'name');
    call.print(`${mac ?? ''}\n`);
    return { name, mac };
  },
};

export const ifaceDumpxml: VirshDefinition = {
  options: [interface_, flag('inactive', 'the configuration, also of one that is up'), common.xpath, common.wrap],
  examples: [['iface-dumpxml eth0', 'what libvirt sees of it']],
  async run(call) {
    const connection = await call.connection('read');
    const { name } = await findInterface(call, connection);
    return printXml(call, connection, name, () =>
      connection.call('interfaceXml', { name, inactive: call.given('inactive') }),
    );
  },
};

export const ifaceDefine: VirshDefinition = {
  options: [common.file('an interface'), common.validate],
  examples: [['iface-define br0.xml', 'configures it; iface-start brings it up']],
  async run(call) {
    const file = call.required('file');
    const xml = await readDocument(call.context, file);
    const name = await readable(({ interfaceName }) => interfaceName(xml));
    const document = { xml, name, validate: call.given('validate') };
    return changeObject(
      call,
      async (connection) =>
        planInterfaceDefine(document, 'define an interface', await knownInterface(connection, name)),
      () => {
        call.extra(`Interface ${name ?? ''} defined from ${file}\n`);
        return { interface: name };
      },
    );
  },
};

function onInterface(
  planFor: (known: KnownInterface) => Plan,
  done: string,
  examples: VirshDefinition['examples'],
): VirshDefinition {
  return {
    options: [interface_],
    examples,
    async run(call) {
      const { name } = await findInterface(call, await call.connection('change'));
      return changeObject(
        call,
        async (connection) => planFor(await requireInterface(connection, name)),
        () => {
          call.extra(`Interface ${call.required('interface')} ${done}\n`);
          return { interface: name };
        },
      );
    },
  };
}

export const ifaceUndefine = onInterface(planInterfaceUndefine, 'undefined', [
  ['iface-undefine br0', 'removes its configuration'],
]);
export const ifaceStart = onInterface(planInterfaceStart, 'started', [['iface-start br0', 'brings it up']]);
export const ifaceDestroy = onInterface(planInterfaceStop, 'destroyed', [['iface-destroy br0', 'takes it down']]);

export const ifaceEdit: VirshDefinition = {
  options: [interface_],
  examples: [['iface-edit br0', 'opens its XML in $VISUAL or $EDITOR']],
  async run(call) {
    const connection = await call.connection('change');
    const { name } = await findInterface(call, connection);
    return editDocument(call, () => connection.call('interfaceXml', { name, inactive: true }), {
      unchanged: `Interface ${name} XML configuration not changed.\n`,
      define: async (xml) => {
        const edited = await readable(({ interfaceName }) => interfaceName(xml));
        const document = { xml, name: edited, validate: false };
        const title = `redefine interface ${name}`;
        return changeObject(
          call,
          async () => planInterfaceDefine(document, title, await knownInterface(connection, edited)),
          () => {
            call.extra(`Interface ${edited ?? ''} XML configuration edited.\n`);
            return { interface: edited };
          },
        );
      },
    });
  },
};

function transaction(
  phase: 'begin' | 'commit' | 'rollback',
  done: string,
  examples: VirshDefinition['examples'],
): VirshDefinition {
  return {
    options: [],
    examples,
    run: (call) =>
      changeObject(
        call,
        () => Promise.resolve(planInterfaceTransaction(`${call.context.command}: ${done}`, phase)),
        () => {
          call.extra(`Network config change transaction ${done}\n`);
          return { done };
        },
      ),
  };
}

export const ifaceBegin = transaction('begin', 'started', [
  ['iface-begin', 'remembers the configuration of all interfaces'],
]);
export const ifaceCommit = transaction('commit', 'committed', [
  ['iface-commit', 'keeps what was changed since iface-begin'],
]);
export const ifaceRollback = transaction('rollback', 'rolled back', [
  ['iface-rollback', 'goes back to what was at iface-begin'],
]);
