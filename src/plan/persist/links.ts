/** Writes a change of links to the files of the host's manager, in the same plan, or warns where they would restore the old state. */
import type { ConfigFormat } from '../../config/config.ts';
import { KvmnetError } from '../../errors.ts';
import type { State } from '../../state/state.ts';
import { wholeHost } from '../../state/whole-host.ts';
import { quoted } from '../../values/quoted.ts';
import { hostAfter, wantedBy } from '../host/after.ts';
import type { Plan } from '../step.ts';
import { affectedBy } from './affected.ts';
import { canBeWritten } from './model.ts';
import { bringUp } from './persist.ts';
import { planPersist, type PersistFacts, type PersistPlan } from './plan.ts';

/** A plan of links, with the facts that its files need. */
export interface PersistablePlan extends Plan {
  readonly persist?: {
    /** More devices that are to be in the files, even where nothing changes on them. */
    readonly devices?: readonly string[];
    /** Devices whose address the manager is to request by DHCP. */
    readonly dhcp?: readonly string[];
  };
}

/** How a plan of links is written. */
export interface LinkFiles {
  readonly facts: PersistFacts;
  /** When it was asked, for the name of the folder of copies. */
  readonly time: Date;
  /** Found out by looking when undefined. */
  readonly format?: ConfigFormat | undefined;
}

/**
 * A plan of links with the steps that write what will be then, and the text that reports the files once they are written.
 * @param links the links that the command names
 */
export function withPersist<P extends PersistablePlan>(
  plan: P,
  links: readonly string[],
  state: State,
  how: LinkFiles,
): P & { readonly written: string } {
  const { persist: { dhcp = [] } = {} } = plan;
  const files = filesFor(plan, links, state, how);
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

/** A plan of links that is not written, with a warning where a boot file brings the old state back. */
export function withBootWarning<P extends PersistablePlan>(
  plan: P,
  links: readonly string[],
  state: State,
  how: LinkFiles,
): P {
  try {
    const written = links.filter((name) => isForFiles(name, state));
    const { outdated, devices, gone } = filesFor(plan, written, state, how);
    if (outdated.length === 0) return plan;
    const names = [...devices, ...gone].map((name) => `--device ${quoted(name)}`).join(' ');
    const warning = `the next boot brings the old state back from ${outdated.join(', ')}: add --persist, or write the new state afterwards: kvmnet host persist ${names} --write`;
    return { ...plan, warnings: [...plan.warnings, warning] };
  } catch (error) {
    // The files are of no manager or of several.
    if (error instanceof KvmnetError) return plan;
    throw error;
  }
}

function filesFor(
  { persist: { dhcp = [], devices = [] } = {}, ...plan }: PersistablePlan,
  links: readonly string[],
  state: State,
  { facts, time, format }: LinkFiles,
): PersistPlan {
  const { host } = state;
  if (!host) throw new KvmnetError('DEPENDENCY', "the host's links are out of sight");
  const wanted = wantedBy(plan);
  const affected = affectedBy(wanted, host).filter((name) => isForFiles(name, state));
  const only = [...new Set([...affected, ...links, ...dhcp, ...devices])];
  const request = { format, only, dhcp, time, option: '--persist', isLenient: true };
  return planPersist(state, hostAfter(wanted, wholeHost(host)), request, facts);
}

/** A guest's tap that goes with its bridge is not to be written, and not to be refused either. */
function isForFiles(name: string, { host, networks }: State): boolean {
  const link = host?.links.find((each) => each.name === name);
  return link === undefined || canBeWritten(link, networks);
}
