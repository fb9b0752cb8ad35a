/** virsh's commands on the host's interfaces. Where libvirt is built with udev's driver (Debian, Fedora) it looks and changes nothing. */
import { readDocument } from '../../terminal/input-file.ts';
import { changeByCall } from '../change.ts';
import { common, data, flag, type VirshDefinition } from '../grammar/definition.ts';
import { printXml } from '../dumpxml.ts';
import { editDocument } from '../edit.ts';
import { findInterface } from '../find.ts';
import { inVirshOrder } from '../order.ts';

const interface_ = data('interface', 'interface name or MAC address', { completes: 'link' });

export const ifaceList: VirshDefinition = {
  options: [flag('inactive', 'only those that are down'), flag('all', 'those that are up, and those that are down')],
  examples: [['iface-list --all', 'the interfaces of the host, as libvirt sees them']],
  async run(call) {
    call.exclusive('all', 'inactive');
    const all = await (await call.connection('read')).call('listInterfaces');
    const shown = inVirshOrder(
      all.filter(({ active }) => call.given('all') || active !== call.given('inactive')),
      ({ name }) => name,
    );
    call.table(
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
    const validate = call.given('validate');
    return changeByCall(call, { title: 'define an interface', xml }, async (connection) => {
      const name = await connection.call('interfaceDefine', { xml, validate });
      call.extra(`Interface ${name} defined from ${file}\n`);
      return { interface: name };
    });
  },
};

function onInterface(
  procedure: 'interfaceUndefine' | 'interfaceStart' | 'interfaceDestroy',
  verb: string,
  done: string,
  examples: VirshDefinition['examples'],
): VirshDefinition {
  return {
    options: [interface_],
    examples,
    async run(call) {
      const { name } = await findInterface(call, await call.connection('change'));
      return changeByCall(call, { title: `${verb} interface ${name}` }, async (connection) => {
        await connection.call(procedure, { name });
        call.extra(`Interface ${call.required('interface')} ${done}\n`);
        return { interface: name };
      });
    },
  };
}

export const ifaceUndefine = onInterface('interfaceUndefine', 'undefine', 'undefined', [
  ['iface-undefine br0', 'removes its configuration'],
]);
export const ifaceStart = onInterface('interfaceStart', 'start', 'started', [['iface-start br0', 'brings it up']]);
export const ifaceDestroy = onInterface('interfaceDestroy', 'stop', 'destroyed', [
  ['iface-destroy br0', 'takes it down'],
]);

export const ifaceEdit: VirshDefinition = {
  options: [interface_],
  examples: [['iface-edit br0', 'opens its XML in $VISUAL or $EDITOR']],
  async run(call) {
    const connection = await call.connection('change');
    const { name } = await findInterface(call, connection);
    return editDocument(call, () => connection.call('interfaceXml', { name, inactive: true }), {
      unchanged: `Interface ${name} XML configuration not changed.\n`,
      define: (xml) =>
        changeByCall(call, { title: `redefine interface ${name}`, xml }, async () => {
          const defined = await connection.call('interfaceDefine', { xml });
          call.extra(`Interface ${defined} XML configuration edited.\n`);
          return { interface: defined };
        }),
    });
  },
};

function transaction(
  procedure: 'interfaceChangeBegin' | 'interfaceChangeCommit' | 'interfaceChangeRollback',
  done: string,
  examples: VirshDefinition['examples'],
): VirshDefinition {
  return {
    options: [],
    examples,
    run: (call) =>
      changeByCall(call, { title: `${call.context.command}: ${done}` }, async (connection) => {
        await connection.call(procedure);
        call.extra(`Network config change transaction ${done}\n`);
        return { done };
      }),
  };
}

export const ifaceBegin = transaction('interfaceChangeBegin', 'started', [
  ['iface-begin', 'remembers the configuration of all interfaces'],
]);
export const ifaceCommit = transaction('interfaceChangeCommit', 'committed', [
  ['iface-commit', 'keeps what was changed since iface-begin'],
]);
export const ifaceRollback = transaction('interfaceChangeRollback', 'rolled back', [
  ['iface-rollback', 'goes back to what was at iface-begin'],
]);
