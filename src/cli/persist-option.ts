/** `--persist` of commands that change links: the same change in the files of the host's manager, in one plan. */
import { KvmnetError } from '../errors.ts';
import { hostAfter, wantedBy } from '../plan/host/after.ts';
import { affectedBy } from '../plan/persist/affected.ts';
import { canBeWritten } from '../plan/persist/model.ts';
import { bringUp } from '../plan/persist/persist.ts';
import type { Plan } from '../plan/step.ts';
import { configFormats, type ConfigFormat } from '../config/config.ts';
import type { State } from '../state/state.ts';
import type { OptionDefinition, Options } from './command.ts';
import type { PersistPlan } from './persist-plan.ts';
import { quoted } from '../values/quoted.ts';

export const persistOptions: readonly OptionDefinition[] = [
  {
    flags: '--persist [MANAGER]',
    description: `Save it for the next boot too: ${configFormats.join(', ')} (default: the manager of this host)`,
    completes: [...configFormats, 'auto'],
  },
];

/** A plan of links, and the additional data for --persist. */
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

/** The value of --persist as typed; undefined without the option. */
export async function persistWish({ persist }: Options): Promise<PersistWish | undefined> {
  if (persist === undefined || persist === false) return undefined;
  const { readManager } = await import('./persist-plan.ts');
  return { format: typeof persist === 'string' ? readManager(persist) : undefined };
}

/** `--address dhcp` with --persist: the manager asks for the address, and the plan of links has none. */
export function isByManager({ address, persist }: Options): boolean {
  return address === 'dhcp' && persist !== undefined;
}

/**
 * A plan of links with the steps that write what will be then, and the text that reports the files once they are written.
 * @param links those that the command names
 */
export async function withPersist<P extends PersistablePlan>(
  plan: P,
  links: readonly string[],
  state: State,
  wish: PersistWish & { readonly time: Date },
): Promise<P & { readonly written: string }> {
  const { persist: { dhcp = [] } = {} } = plan;
  const files = await filesFor(plan, links, state, wish);
  const next =
    dhcp.length === 0 ? '' : `; its address comes by DHCP once the manager has it: ${bringUp(files.format, dhcp)}`;
  const nothing = files.changes.length === 0;
  return {
    ...plan,
    steps: [...plan.steps, ...files.steps],
    warnings: [...plan.warnings, ...files.warnings],
    written: nothing ? '' : `\nwritten for ${files.format}: ${files.changes.map(({ path }) => path).join(', ')}${next}`,
  };
}

/** A plan of links without --persist, with a warning where a boot file brings the old state back. */
export async function withBootWarning<P extends PersistablePlan>(
  plan: P,
  links: readonly string[],
  state: State,
  time: Date,
): Promise<P> {
  try {
    const written = links.filter((name) => isForFiles(name, state));
    const { outdated, devices, gone } = await filesFor(plan, written, state, { format: undefined, time });
    if (outdated.length === 0) return plan;
    const names = [...devices, ...gone].map((name) => `--device ${quoted(name)}`).join(' ');
    const warning = `the next boot brings the old state back from ${outdated.join(', ')}: add --persist, or write the new state afterwards: kvmnet host persist ${names} --write`;
    return { ...plan, warnings: [...plan.warnings, warning] };
  } catch (error) {
    // The files are on another host, of no manager or of several, or only root may read them.
    if (error instanceof KvmnetError) return plan;
    throw error;
  }
}

async function filesFor(
  { persist: { dhcp = [], devices = [] } = {}, ...plan }: PersistablePlan,
  links: readonly string[],
  state: State,
  { format, time }: PersistWish & { readonly time: Date },
): Promise<PersistPlan> {
  const { host } = state;
  if (!host) throw new KvmnetError('DEPENDENCY', "the host's links are out of sight");
  const { planPersist } = await import('./persist-plan.ts');
  const wanted = wantedBy(plan);
  const affected = affectedBy(wanted, host).filter((name) => isForFiles(name, state));
  const only = [...new Set([...affected, ...links, ...dhcp, ...devices])];
  return planPersist(state, hostAfter(wanted, host), {
    ...{ format, only, dhcp, time },
    option: '--persist',
    isLenient: true,
  });
}

/** A guest's tap that goes with its bridge is not to be written, and not to be refused either. */
function isForFiles(name: string, { host, networks }: State): boolean {
  const link = host?.links.find((each) => each.name === name);
  return link === undefined || canBeWritten(link, networks);
}
