/** Functions that virsh's commands on the NICs of domains share: find the domain, and select its definitions. */
import { KvmnetError } from '../../../errors.ts';
import type { Connection } from '../../../libvirt/connection.ts';
import type { ProcedureResult } from '../../../libvirt/procedures.ts';
import { domainState } from '../../../observe/observe.ts';
import { chooseScopes, type Scopes } from '../../../state/scopes.ts';
import type { Plan } from '../../../plan/step.ts';
import { readNamed } from '../../../state/unreadable.ts';
import type { DomainState, Seen } from '../../../state/state.ts';
import { changeByPlan } from '../change.ts';
import { common, data, flag, type VirshCall, type VirshOption } from '../grammar/definition.ts';
import { missing, orMissing } from '../find.ts';

export const nicOption = data('interface', 'its tap or MAC address', { completes: 'nic' });

const persistent = flag('persistent', 'the configuration, and the running domain if it runs');

/** --persistent, --config, --live and --current, in virsh's order. */
export const scopeOptions: readonly VirshOption[] = [
  persistent,
  common.config('domain'),
  common.live('domain'),
  common.current('domain'),
];

/** The domain that the option `domain` names, as virsh looks it up: number, UUID, name. Throws NOTFOUND with the nearest names. */
export async function findVirshDomain(call: VirshCall, connection: Connection): Promise<DomainState> {
  const found = await findDomainRecord(call, connection);
  return readNamed('domain', found.name, () => domainState(found));
}

/** By what virsh looks a domain up for a command: most take all three. */
type LookedUpBy = 'id' | 'uuid' | 'name';
const byAll: readonly LookedUpBy[] = ['id', 'uuid', 'name'];
const uuidLength = 36;

/** The same, with its XML as libvirt gives it: also for a domain that kvmnet cannot read. */
export async function findDomainRecord(
  call: VirshCall,
  connection: Connection,
  by: readonly LookedUpBy[] = byAll,
): Promise<DomainRecord> {
  const key = call.required('domain');
  const form: LookedUpBy = /^\d+$/.test(key) ? 'id' : key.length === uuidLength ? 'uuid' : 'name';
  const found = by.includes(form)
    ? await orMissing(
        connection.call('getDomain', { domain: form === 'id' ? String(Number(key)) : key }),
        'domain',
        key,
      )
    : undefined;
  if (found && !(found instanceof KvmnetError)) return found;
  const all = await connection.call('listDomainStates');
  const named = by.includes('name') ? all.find(({ name }) => name === key) : undefined;
  if (named) return connection.call('getDomain', { domain: named.uuid });
  // Of domains virsh prints its own line alone.
  return missing('domain', key, all, 'kvmnet virsh list --all shows all domains', undefined);
}

/** Refuses what virsh refuses together. */
export function checkScopes(call: VirshCall, hasPersistent = true): void {
  if (hasPersistent) call.exclusive('persistent', 'current');
  call.exclusive('current', 'live');
  call.exclusive('current', 'config');
}

/**
 * The scopes that the options mean. With none of them `otherwise`: virDomainAttachDevice and virDomainDetachDevice know running domains
 * only, the newer calls take the domain as it is. Throws CONFLICT for a scope that the domain does not have.
 */
export function affectedScopes(
  call: VirshCall,
  domain: DomainState,
  otherwise: 'live' | 'current',
  hasPersistent = true,
): Scopes {
  const lasting = hasPersistent && call.given('persistent');
  const config = call.given('config') || lasting;
  const live = call.given('live') || (lasting && domain.active);
  if (live || config) return chooseScopes(domain, { live, config });
  const isLive = domain.active || (otherwise === 'live' && !call.given('current'));
  return chooseScopes(domain, { live: isLive, config: !isLive });
}

export type DomainRecord = ProcedureResult<'getDomain'>;

/** The definition of a domain with its secrets, which a dry run would print; undefined for a transient domain. */
export async function definitionOf(
  { context }: VirshCall,
  connection: Connection,
  { uuid, persistent, inactiveXml }: DomainRecord,
): Promise<string | undefined> {
  if (!persistent || context.options.dryRun) return inactiveXml;
  return connection.call('domainSecureXml', { domain: uuid });
}

/** Changes one domain by a plan, which is computed under the host's lock. */
export function changeDomain(
  call: VirshCall,
  uuid: string,
  makePlan: (domain: DomainState, state: Seen<'domains'>) => Plan,
  done: () => unknown,
): Promise<unknown> {
  return changeByPlan(
    call,
    (state) => {
      const domain = state.domains.find((other) => other.uuid === uuid);
      if (!domain) throw new KvmnetError('NOTFOUND', `the domain with the UUID ${uuid} is gone`);
      return makePlan(domain, state);
    },
    done,
    { only: ['domains'] },
  );
}
