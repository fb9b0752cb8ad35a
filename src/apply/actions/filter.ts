/** How the actions on network filters and their bindings are done and undone. */
import { unlessMissing } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { FilterAction } from '../../plan/step.ts';
import { bindingTap, filterName } from '../../xml/object-name.ts';
import type { ActionRows, Read } from './row.ts';

export const filterActions: ActionRows<FilterAction> = {
  filterDefine: {
    target: ({ xml }) => theFilter(filterName(xml), true),
    isRestored: async (connection, { xml }) => (await xmlOf(connection, filterName(xml))) === xml,
  },
  filterUndefine: { target: ({ filter }) => theFilter(filter, false) },
  filterBindingCreate: { target: ({ xml }) => theBinding(bindingTap(xml)) },
  filterBindingDelete: { target: ({ portDev }) => theBinding(portDev) },
};

function theFilter(filter: string, byName: boolean): Read {
  return (connection) => unlessMissing(connection.call('getFilter', { filter, byName }));
}

async function xmlOf(connection: Connection, filter: string): Promise<string> {
  return (await connection.call('getFilter', { filter, byName: true })).xml;
}

function theBinding(portDev: string): Read {
  return (connection) => unlessMissing(connection.call('getFilterBinding', { portDev }));
}
