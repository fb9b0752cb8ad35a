/** virsh's commands on network filters, and on their bindings to taps. */
import { unlessMissing } from '../../../errors.ts';
import type { Connection } from '../../../libvirt/connection.ts';
import { isLibvirtError } from '../../../libvirt/error.ts';
import {
  planBindingCreate,
  planBindingDelete,
  planFilterDefine,
  planFilterUndefine,
} from '../../../plan/virsh/filter.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeObject, readable } from '../change.ts';
import { common, data, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { printXml } from '../dumpxml.ts';
import { editDocument } from '../edit.ts';
import { findBinding, findFilter } from '../find.ts';
import { inVirshOrder } from '../order.ts';

const filter = data('nwfilter', 'filter name or UUID');
const binding = data('binding', 'the tap that the filter stands before');

async function filterNamed(
  connection: Connection,
  name: string | undefined,
): Promise<{ readonly xml: string } | undefined> {
  return name === undefined ? undefined : unlessMissing(connection.call('getFilter', { filter: name, byName: true }));
}

export const nwfilterList: VirshDefinition = {
  options: [],
  examples: [['nwfilter-list', 'all filters']],
  async run(call) {
    const found = await (await call.connection('read')).call('listFilters').catch((error: unknown) => {
      throw isLibvirtError(error, 'VIR_ERR_NO_SUPPORT') ? withoutFilters(error) : error;
    });
    const filters = inVirshOrder(found, ({ name }) => name);
    await call.table(
      ['UUID', 'Name'],
      filters.map(({ name, uuid }) => [uuid, name]),
    );
    return filters;
  },
};

/** virsh falls back on older calls then, and reports the first of them. */
function withoutFilters(error: unknown): VirshError {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = message.replace('virConnectListAllNWFilters', 'virConnectNumOfNWFilters');
  return new VirshError('DEPENDENCY', message, `Failed to count network filters\n${sentence}`);
}

export const nwfilterDumpxml: VirshDefinition = {
  options: [filter, common.xpath, common.wrap],
  examples: [['nwfilter-dumpxml clean-traffic', 'its rules']],
  async run(call) {
    const connection = await call.connection('read');
    const { name, xml } = await findFilter(call, connection);
    return printXml(call, connection, name, () => Promise.resolve(xml));
  },
};

export const nwfilterDefine: VirshDefinition = {
  options: [common.file('a filter'), common.validate],
  description: 'A filter that is in use changes at once for all guests that it stands before.',
  examples: [['nwfilter-define no-smtp.xml', 'defines it, or changes it']],
  async run(call) {
    const file = call.required('file');
    const xml = await readDocument(call.context, file);
    const name = await readable(({ filterName }) => filterName(xml));
    const document = { xml, name, validate: call.given('validate') };
    return changeObject(
      call,
      async (connection) => planFilterDefine(document, 'define a filter', await filterNamed(connection, name)),
      () => {
        call.extra(`Network filter ${name ?? ''} defined from ${file}\n`);
        return { filter: name };
      },
    );
  },
};

export const nwfilterUndefine: VirshDefinition = {
  options: [filter],
  examples: [['nwfilter-undefine no-smtp', 'removes it, unless it is in use']],
  async run(call) {
    const found = await findFilter(call, await call.connection('change'));
    return changeObject(
      call,
      () => Promise.resolve(planFilterUndefine(found)),
      () => {
        call.extra(`Network filter ${call.required('nwfilter')} undefined\n`);
        return { filter: found.name };
      },
    );
  },
};

export const nwfilterEdit: VirshDefinition = {
  options: [filter],
  examples: [['nwfilter-edit no-smtp', 'opens its XML in $VISUAL or $EDITOR']],
  async run(call) {
    const connection = await call.connection('change');
    const { name, uuid } = await findFilter(call, connection);
    const read = async (): Promise<string> => (await connection.call('getFilter', { filter: uuid })).xml;
    return editDocument(call, read, {
      unchanged: `Network filter ${name} XML configuration not changed.\n`,
      define: async (xml) => {
        const edited = await readable(({ filterName }) => filterName(xml));
        const document = { xml, name: edited, validate: false };
        return changeObject(
          call,
          async () => planFilterDefine(document, `redefine filter ${name}`, await filterNamed(connection, edited)),
          () => {
            call.extra(`Network filter ${edited ?? ''} XML configuration edited.\n`);
            return { filter: edited };
          },
        );
      },
    });
  },
};

export const nwfilterBindingList: VirshDefinition = {
  options: [],
  examples: [['nwfilter-binding-list', 'which filter stands before which tap']],
  async run(call) {
    const bindings = await (await call.connection('read')).call('listFilterBindings');
    const sorted = inVirshOrder(bindings, ({ portDev }) => portDev);
    await call.table(
      ['Port Dev', 'Filter'],
      sorted.map(({ portDev, filter: name }) => [portDev, name]),
    );
    return sorted;
  },
};

export const nwfilterBindingDumpxml: VirshDefinition = {
  options: [binding, common.xpath, common.wrap],
  examples: [['nwfilter-binding-dumpxml vnet0', 'the filter of a tap, with its parameters']],
  async run(call) {
    const connection = await call.connection('read');
    const { portDev, xml } = await findBinding(call, connection);
    return printXml(call, connection, portDev, () => Promise.resolve(xml));
  },
};

export const nwfilterBindingCreate: VirshDefinition = {
  options: [common.file('a filter binding'), common.validate],
  examples: [['nwfilter-binding-create binding.xml', 'puts a filter before a tap']],
  async run(call) {
    const file = call.required('file');
    const xml = await readDocument(call.context, file);
    const portDev = await readable(({ bindingTap }) => bindingTap(xml));
    const document = { xml, name: portDev, validate: call.given('validate') };
    return changeObject(
      call,
      () => Promise.resolve(planBindingCreate(document)),
      () => {
        call.extra(`Network filter binding on ${portDev ?? ''} created from ${file}\n`);
        return { portDev };
      },
    );
  },
};

export const nwfilterBindingDelete: VirshDefinition = {
  options: [binding],
  description: 'The guest is unfiltered from then on.',
  examples: [['nwfilter-binding-delete vnet0', 'takes the filter away from a tap']],
  async run(call) {
    const found = await findBinding(call, await call.connection('change'));
    return changeObject(
      call,
      () => Promise.resolve(planBindingDelete(found)),
      () => {
        call.extra(`Network filter binding on ${found.portDev} deleted\n`);
        return { portDev: found.portDev };
      },
    );
  },
};
