/** Common parts of commands that change the host's links. */
import { inheritedVariable } from '../host/processes.ts';
import { cidr } from '../plan/host/wanted.ts';
import type { Plan } from '../plan/step.ts';
import type { State } from '../state/state.ts';
import { hostTarget } from '../observe/host-target.ts';
import type { Options, Result } from './command.ts';
import type { Context } from './context.ts';
import { confirmWish } from './lifeline.ts';
import { persistWish, withBootWarning, withPersist, type PersistablePlan } from './persist-option.ts';
import { changeResult } from './views/plan.ts';

/** Links, routes, and who uses them. */
export const hostLook = { host: true, leases: false } as const;

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
  options: Options = {},
): Promise<Result> {
  const wish = await persistWish(options);
  const time = new Date();
  const plan = async (state: State) => {
    const made = await makePlan(state);
    if (wish) return withPersist(made, links, state, { ...wish, time });
    return { ...(await withBootWarning(made, links, state, time)), written: '' };
  };
  const result = await context.change(plan, { ...hostLook, vlans: true, confirm: confirmWish(options) });
  return changeResult(context, result, result.resumed ? result.plan.title : doneText(result.plan), {
    links,
    devices: devicesOf(result.plan),
  });

  function doneText(applied: P & { readonly written: string }): string {
    return `${typeof done === 'string' ? done : done(applied)}${applied.written}`;
  }
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

/** The SSH connection that the user came by, where it is one to the host that changes: the value of SSH_CONNECTION. */
export function sshConnection({ options }: Context): string | undefined {
  return hostTarget(options.uri) === undefined ? inheritedVariable('SSH_CONNECTION') : undefined;
}

/** An option's value, under its own key or not at all. */
export function given<K extends string>(options: Options, ...keys: readonly K[]): Partial<Record<K, string>> {
  const found = keys.flatMap((key) => (typeof options[key] === 'string' ? [[key, options[key]]] : []));
  return Object.fromEntries(found) as Partial<Record<K, string>>;
}
