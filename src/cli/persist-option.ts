/** `--persist` of commands that change links: the same change in the files of the host's manager, in one plan. */
import { KvmnetError } from '../errors.ts';
import { hostAfter, wantedBy } from '../plan/host/after.ts';
import { affectedBy } from '../plan/persist/affected.ts';
import { bringUp } from '../plan/persist/persist.ts';
import type { Plan } from '../plan/step.ts';
import { configFormats, type ConfigFormat } from '../state/config/config.ts';
import type { State } from '../state/state.ts';
import type { OptionDefinition, Options } from './command.ts';

export const persistOptions: readonly OptionDefinition[] = [
  {
    flags: '--persist [MANAGER]',
    description: `keep it across a boot too: ${configFormats.join(', ')}, or the one that this host uses`,
    completes: [...configFormats, 'auto'],
  },
];

/** A plan of links, and what --persist has to know beside it. */
export interface PersistablePlan extends Plan {
  readonly persist?: {
    /** More devices that are to be in the files, even where nothing changes on them. */
    readonly devices?: readonly string[];
    /** Those whose address the manager is to ask for by DHCP. */
    readonly dhcp?: readonly string[];
  };
}

export interface PersistWish {
  /** Found out by looking when undefined. */
  readonly format: ConfigFormat | undefined;
}

/** What the user typed for --persist; undefined where it is not there. */
export async function persistWish({ persist }: Options): Promise<PersistWish | undefined> {
  if (persist === undefined || persist === false) return undefined;
  const { readManager } = await import('./persist-plan.ts');
  return { format: typeof persist === 'string' ? readManager(persist) : undefined };
}

/** `--address dhcp` with --persist: the manager asks for the address, and the plan of links has none. */
export function isByManager({ address, persist }: Options): boolean {
  return address === 'dhcp' && persist !== undefined;
}

export interface PersistedPlan {
  readonly plan: Plan;
  /** What is said of it once it is done. */
  readonly done: string;
}

/**
 * A plan of links with the steps that write what will be then.
 * @param links those that the command names
 */
export async function withPersist(
  { persist, ...plan }: PersistablePlan,
  links: readonly string[],
  state: State,
  { format, time }: PersistWish & { readonly time: Date },
): Promise<PersistedPlan> {
  const { host } = state;
  if (!host) throw new KvmnetError('DEPENDENCY', "the host's links are out of sight");
  const { planPersist } = await import('./persist-plan.ts');
  const wanted = wantedBy(plan);
  const { dhcp = [], devices = [] } = persist ?? {};
  const only = [...new Set([...affectedBy(wanted, host), ...links, ...dhcp, ...devices])];
  const after = hostAfter(wanted, host);
  const files = planPersist(state, after, { format, only, dhcp, time, isLenient: true });
  const next =
    dhcp.length === 0 ? '' : `; its address comes by DHCP once the manager has it: ${bringUp(files.format, dhcp)}`;
  const nothing = files.changes.length === 0;
  return {
    plan: { ...plan, steps: [...plan.steps, ...files.steps], warnings: [...plan.warnings, ...files.warnings] },
    done: nothing ? '' : `\nwritten for ${files.format}: ${files.changes.map(({ path }) => path).join(', ')}${next}`,
  };
}
