/**
 * Finds the objects that virsh's commands name, in virsh's order, and suggests the nearest names if one does
 * not exist.
 */
import { KvmnetError, unlessMissing } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { ProcedureResult } from '../../libvirt/procedures.ts';
import { isLibvirtError, LibvirtError } from '../../libvirt/error.ts';
import type { KnownInterface } from '../../plan/virsh/interface.ts';
import { suggestion } from '../../values/nearest.ts';
import type { VirshCall } from './grammar/definition.ts';
import { VirshError } from './grammar/error.ts';

type NetworkRecord = ProcedureResult<'getNetwork'>;

/** virsh takes a text for a UUID when it is as long as one. */
const uuidLength = 36;

/** The network that the option `network` names: by UUID, or else by name; or by one of them alone. Throws NOTFOUND. */
export async function findNetwork(
  call: VirshCall,
  connection: Connection,
  by: 'uuid' | 'name' | 'either' = 'either',
): Promise<NetworkRecord> {
  const key = call.required('network');
  const isUuid = key.length === uuidLength;
  if (by === 'uuid' && !isUuid) {
    throw new VirshError('NOTFOUND', `${JSON.stringify(key)} is not a UUID`, `failed to get network '${key}'`, {
      hint: 'kvmnet net-uuid NAME prints the UUID of a network',
    });
  }
  const look = (byName: boolean): Promise<NetworkRecord | KvmnetError> =>
    orMissing(connection.call('getNetwork', { network: key, byName }), 'network', key);
  const found = await firstOf([...(isUuid && by !== 'name' ? [false] : []), ...(by === 'uuid' ? [] : [true])], look);
  if (!(found instanceof KvmnetError)) return found;
  const all = await connection.call('listNetworks', {});
  return missing('network', key, all, 'kvmnet net-list --all shows all networks', found);
}

/**
 * Looks up by UUID (false) or name (true), in this order; throws the last error if nothing is found, as virsh
 * reports it.
 */
async function firstOf<T>(
  ways: readonly boolean[],
  look: (byName: boolean) => Promise<T | KvmnetError>,
): Promise<T | KvmnetError> {
  const [way = true, ...others] = ways;
  const found = await look(way).catch((error: unknown) => {
    // A driver without the one call may have the other.
    if (error instanceof VirshError && others.length > 0) return error;
    throw error;
  });
  return found instanceof KvmnetError && others.length > 0 ? firstOf(others, look) : found;
}

/** The filter that the option `nwfilter` names, by UUID or name, with its XML. Throws NOTFOUND. */
export async function findFilter(call: VirshCall, connection: Connection): Promise<ProcedureResult<'getFilter'>> {
  const key = call.required('nwfilter');
  const found = await firstOf(key.length === uuidLength ? [false, true] : [true], (byName) =>
    orMissing(connection.call('getFilter', { filter: key, byName }), 'nwfilter', key),
  );
  if (!(found instanceof KvmnetError)) return found;
  const all = await connection.call('listFilters');
  return missing('nwfilter', key, all, 'kvmnet nwfilter-list shows all filters', found);
}

/** The binding of the tap that the option `binding` names, with its XML. Throws NOTFOUND. */
export async function findBinding(
  call: VirshCall,
  connection: Connection,
): Promise<ProcedureResult<'getFilterBinding'>> {
  const key = call.required('binding');
  const direct = await orMissing(connection.call('getFilterBinding', { portDev: key }), 'nwfilter binding', key);
  if (!(direct instanceof KvmnetError)) return direct;
  const all = await connection.call('listFilterBindings');
  const taps = all.map(({ portDev }) => ({ name: portDev }));
  return missing('nwfilter binding', key, taps, 'kvmnet nwfilter-binding-list shows all bindings', direct);
}

const mac = /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i;

/** The interface that an option names: by name, or by MAC address where it has the form of one. Throws NOTFOUND. */
export async function findInterface(
  call: VirshCall,
  connection: Connection,
  by: 'mac' | 'name' | 'either' = 'either',
  option = 'interface',
): Promise<ProcedureResult<'getInterface'>> {
  const key = call.required(option);
  if (by !== 'either' && mac.test(key) !== (by === 'mac')) {
    const [wanted, command] = by === 'mac' ? ['a MAC address', 'iface-mac'] : ["an interface's name", 'iface-name'];
    const line = `failed to get interface '${key}'`;
    throw new VirshError('NOTFOUND', `${JSON.stringify(key)} is not ${wanted}`, line, {
      hint: `see kvmnet ${command}`,
    });
  }
  const direct = await orMissing(connection.call('getInterface', { name: key }), 'interface', key);
  if (!(direct instanceof KvmnetError)) return direct;
  const all = await connection.call('listInterfaces');
  return missing('interface', key, all, 'kvmnet iface-list --all shows them', direct);
}

/** An interface with its configuration. Throws NOTFOUND. */
export async function requireInterface(connection: Connection, name: string): Promise<KnownInterface> {
  const { active } = await connection.call('getInterface', { name });
  const xml = await connection.call('interfaceXml', { name, inactive: true }).catch((error: unknown) => {
    // libvirt's test driver knows one definition of an interface.
    if (isLibvirtError(error, 'VIR_ERR_INVALID_ARG')) return connection.call('interfaceXml', { name });
    throw error;
  });
  return { name, active, xml };
}

/** The same; undefined where libvirt knows none of that name. */
export async function knownInterface(
  connection: Connection,
  name: string | undefined,
): Promise<KnownInterface | undefined> {
  return name === undefined ? undefined : unlessMissing(requireInterface(connection, name));
}

/** Returns the result of looking up `key`, or its error NOTFOUND; `what` is virsh's noun. */
export async function orMissing<T>(look: Promise<T>, what: string, key: string): Promise<T | KvmnetError> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof KvmnetError && error.code === 'NOTFOUND') return error;
    if (!(error instanceof LibvirtError)) throw error;
    throw new VirshError(error.code, error.message, `failed to get ${what} '${key}'`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      details: error.details,
      cause: error,
    });
  }
}

/** kvmnet's nouns, where they are not virsh's. */
const nouns: Readonly<Record<string, string>> = { nwfilter: 'filter', 'nwfilter binding': 'filter binding of' };

/**
 * @param what virsh's noun
 * @param cause libvirt's answer
 * @throws NOTFOUND, with the nearest of `all`
 */
export function missing(
  what: string,
  key: string,
  all: readonly { readonly name: string }[],
  otherwise: string,
  cause: unknown,
): never {
  const names = all.map(({ name }) => name);
  const message = `no ${nouns[what] ?? what} ${JSON.stringify(key)}`;
  const hint = suggestion(key, names, otherwise);
  throw new VirshError('NOTFOUND', message, `failed to get ${what} '${key}'`, { hint, cause });
}
