/** What virsh's commands name: looked up as virsh does, and with the nearest names where there is no such thing. */
import { KvmnetError, unlessMissing } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { ProcedureResult } from '../../libvirt/procedures.ts';
import { suggestion } from '../../state/nearest.ts';
import type { VirshCall } from './definition.ts';

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
    throw new KvmnetError('NOTFOUND', `${JSON.stringify(key)} is not a UUID`, {
      hint: 'kvmnet net-uuid NAME prints the UUID of a network',
    });
  }
  const direct =
    by === 'name' && isUuid ? undefined : await unlessMissing(connection.call('getNetwork', { network: key }));
  if (direct) return direct;
  const all = await connection.call('listNetworks', {});
  const named = by === 'uuid' ? undefined : all.find(({ name }) => name === key);
  return named ?? missing('network', key, all, 'kvmnet net-list --all shows all networks');
}

/** The filter that the option `nwfilter` names, by UUID or name, with its XML. Throws NOTFOUND. */
export async function findFilter(call: VirshCall, connection: Connection): Promise<ProcedureResult<'getFilter'>> {
  const key = call.required('nwfilter');
  const direct = await unlessMissing(connection.call('getFilter', { filter: key }));
  if (direct) return direct;
  return missing('filter', key, await connection.call('listFilters'), 'kvmnet nwfilter-list shows all filters');
}

/** The binding of the tap that the option `binding` names, with its XML. Throws NOTFOUND. */
export async function findBinding(
  call: VirshCall,
  connection: Connection,
): Promise<ProcedureResult<'getFilterBinding'>> {
  const key = call.required('binding');
  const direct = await unlessMissing(connection.call('getFilterBinding', { portDev: key }));
  if (direct) return direct;
  const all = await connection.call('listFilterBindings');
  const taps = all.map(({ portDev }) => ({ name: portDev }));
  return missing('filter binding of', key, taps, 'kvmnet nwfilter-binding-list shows all bindings');
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
    throw new KvmnetError('NOTFOUND', `${JSON.stringify(key)} is not ${wanted}`, { hint: `see kvmnet ${command}` });
  }
  const direct = await unlessMissing(connection.call('getInterface', { name: key }));
  if (direct) return direct;
  return missing('interface', key, await connection.call('listInterfaces'), 'kvmnet iface-list --all shows them');
}

function missing(what: string, key: string, all: readonly { readonly name: string }[], otherwise: string): never {
  const names = all.map(({ name }) => name);
  throw new KvmnetError('NOTFOUND', `no ${what} ${JSON.stringify(key)}`, { hint: suggestion(key, names, otherwise) });
}
