/** Common parts of commands that change the host's links. */
import { cidr } from '../plan/host/wanted.ts';
import type { Plan } from '../plan/step.ts';
import type { State } from '../state/state.ts';
import { KvmnetError } from '../errors.ts';
import { observeNicReferences } from '../observe/nic-references.ts';
import { observePersistFacts } from '../observe/persist-files.ts';
import { findNicWhoseAddressesMove, withNameServers } from '../plan/host/name-servers.ts';
import type { Result } from './command.ts';
import { hostScope, type Context } from './context.ts';
import { parseConfirmOptions, type confirmOptions, type persistOptions } from './host-options.ts';
import type { ValuesOf } from './options.ts';
import { withBootWarning, withPersist, type PersistablePlan } from '../plan/persist/links.ts';
import { changeResult } from './views/plan.ts';

/** The user's options for the confirmation and the files. */
type HostWishes = Partial<ValuesOf<typeof confirmOptions & typeof persistOptions>>;

/**
 * Applies a plan of links of the host.
 * @param done the text after success
 * @param links their names, for programs
 * @param options the command's options, of which --confirm-within, --no-confirm and --persist are common to all
 */
export async function changeHost<P extends PersistablePlan>(
  context: Context,
  makePlan: (state: State) => P | Promise<P>,
  done: string | ((plan: P) => string),
  links: readonly string[],
  options: HostWishes = {},
): Promise<Result> {
  const { persist: wish } = options;
  const time = new Date();
  const plan = async (state: State) => {
    const made = await makePlan(state);
    const { uri } = state.connection;
    if (wish) return withPersist(made, links, state, { ...wish, time, facts: observePersistFacts(uri) });
    const facts = bootFilesInSight(uri);
    return { ...(facts ? withBootWarning(made, links, state, { time, facts }) : made), written: '' };
  };
  const result = await context.change(plan, { ...hostScope, vlans: true, confirm: parseConfirmOptions(options) });
  return changeResult(context, result, result.resumed ? result.plan.title : doneText(result.plan), {
    links,
    devices: devicesOf(result.plan),
  });

  function doneText(applied: P & { readonly written: string }): string {
    return `${typeof done === 'string' ? done : done(applied)}${applied.written}`;
  }
}

/** Undefined where the files are on another host, or only root may read them. */
function bootFilesInSight(uri: string) {
  try {
    return observePersistFacts(uri);
  } catch (error) {
    if (error instanceof KvmnetError) return undefined;
    throw error;
  }
}

/** Returns the plan that moves a NIC's name servers to the bridge too; unchanged where no addresses move. */
export async function withNicReferences(plan: Plan, bridge: string, { connection, host }: State): Promise<Plan> {
  const nic = host && findNicWhoseAddressesMove(plan, bridge, host);
  if (!host || !nic) return plan;
  const exists = host.links.some(({ name }) => name === bridge);
  const references = await observeNicReferences(connection.uri, nic, bridge, exists);
  return withNameServers(plan, { nic: nic.name, bridge, exists }, references);
}

/** The links as the plan wants them, for programs. */
function devicesOf({ steps }: Plan) {
  const wanted = steps.flatMap(({ verify }) =>
    verify.expect === 'links' && verify.netns === undefined ? Object.entries(verify.links) : [],
  );
  return [...new Map(wanted)].map(([name, link]) => {
    if (link === null) return { name, deleted: true };
    const { kind, mac, mtu, parent, vlan, master, addresses } = link;
    return { name, kind, mac, mtu, parent, vlan: vlan?.id, master, addresses: addresses?.map(cidr) };
  });
}
