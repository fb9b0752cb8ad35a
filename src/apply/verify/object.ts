/** Readings for what changes of filters, their bindings, and libvirt's host interfaces promise. */
import { unlessMissing } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { bindingSubject, filterSubject, interfaceSubject } from '../../plan/actions/expectations.ts';
import { contentOf, readNothing, type Reading } from './reading.ts';
import type { Expected, ReadingRows } from './row.ts';

export const objectReadings: ReadingRows<'filter' | 'filter binding' | 'interface' | 'nothing'> = {
  filter: { missing: missingFilter, subjects: readFilter },
  'filter binding': { missing: missingBinding, subjects: readBinding },
  interface: { missing: missingFromInterface, subjects: readInterface },
  nothing: { missing: () => Promise.resolve(undefined), subjects: readNothing },
};

async function missingFilter(
  connection: Connection,
  { filter, defined }: Expected<'filter'>,
): Promise<string | undefined> {
  const found = await unlessMissing(connection.call('getFilter', { filter, byName: true }));
  if ((found !== undefined) === defined) return undefined;
  return defined ? `no filter ${filter} is defined` : `the filter ${filter} is still defined`;
}

async function missingBinding(
  connection: Connection,
  { portDev, present }: Expected<'filter binding'>,
): Promise<string | undefined> {
  const found = await unlessMissing(connection.call('getFilterBinding', { portDev }));
  if ((found !== undefined) === present) return undefined;
  return present ? `${portDev} has no filter` : `${portDev} still has a filter`;
}

async function missingFromInterface(
  connection: Connection,
  { name, defined, active }: Expected<'interface'>,
): Promise<string | undefined> {
  const found = await unlessMissing(connection.call('getInterface', { name }));
  if (defined === false) return found && `the interface ${name} is still defined`;
  if (!found) return active === false ? undefined : `the interface ${name} is not defined`;
  if (active === undefined || found.active === active) return undefined;
  return active ? `the interface ${name} is not active` : `the interface ${name} is still active`;
}

async function readFilter(connection: Connection, { filter }: Expected<'filter'>): Promise<Reading> {
  const found = await unlessMissing(connection.call('getFilter', { filter, byName: true }));
  const name = filterSubject(filter);
  return { [name]: { name, fields: { definition: await contentOf(found?.xml) } } };
}

async function readBinding(connection: Connection, { portDev }: Expected<'filter binding'>): Promise<Reading> {
  const found = await unlessMissing(connection.call('getFilterBinding', { portDev }));
  const name = bindingSubject(portDev);
  return { [name]: { name, fields: { definition: await contentOf(found?.xml) } } };
}

async function readInterface(connection: Connection, { name: key }: Expected<'interface'>): Promise<Reading> {
  const found = await unlessMissing(connection.call('getInterface', { name: key }));
  const xml = found && (await unlessMissing(connection.call('interfaceXml', { name: key, inactive: true })));
  const name = interfaceSubject(key);
  return {
    [name]: { name, fields: { definition: await contentOf(xml), ...(found && { active: String(found.active) }) } },
  };
}
