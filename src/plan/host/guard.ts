/** A watchdog reverts changes that may cut the host off, unless the user confirms them. */
import { KvmnetError } from '../../errors.ts';
import type { HostState } from '../../state/state.ts';
import { wholeHost } from '../../state/whole-host.ts';
import type { Plan } from '../step.ts';
import { reachabilityRisk } from './reachability.ts';

/** The user's options for a confirmation. */
export interface ConfirmOptions {
  /** Seconds; undefined: the default, where it is needed. */
  readonly within: number | undefined;
  readonly isOff: boolean;
}

/** How the user works on the host that changes. */
export interface UserAccess {
  /** The value of SSH_CONNECTION there. */
  readonly ssh: string | undefined;
  /** The name of that host, where kvmnet does not run on it. */
  readonly elsewhere: string | undefined;
}

const defaultSeconds = 60;

/** True for a plan that may cut the host off: it changes links. */
export function changesLinks({ steps }: Pick<Plan, 'steps'>): boolean {
  return steps.some(({ do: { call } }) => call === 'hostLinks' || call === 'hostRestore');
}

/**
 * Returns the plan with what the watchdog needs, where it may cut the host off or the user asks for a confirmation.
 * @throws DEPENDENCY on another host, where no watchdog would run
 */
export function guarded<P extends Plan>(
  plan: P,
  host: HostState,
  confirm: ConfirmOptions | undefined,
  { ssh, elsewhere }: UserAccess,
): P {
  if (!changesLinks(plan)) return plan;
  const { because, gateways, isSsh } = reachabilityRisk(plan, wholeHost(host), ssh);
  const risk = because.join('; ');
  if (confirm?.isOff) {
    if (because.length === 0) return plan;
    return {
      ...plan,
      consent: [...plan.consent, `${risk}: if that fails, it is not reverted automatically (--no-confirm)`],
    };
  }
  const within = confirm?.within ?? (because.length > 0 ? defaultSeconds : undefined);
  if (within === undefined) return plan;
  if (elsewhere !== undefined) throw needsHost(elsewhere, risk);
  const unless = `it is reverted after ${String(within)} s unless you confirm it`;
  return {
    ...plan,
    warnings: because.length === 0 ? plan.warnings : [...plan.warnings, `${risk}: ${unless}`],
    confirm: { within, gateways, ...(isSsh && ssh !== undefined ? { ssh } : {}) },
  };
}

/** The watchdog has to run where the links are: once cut off, kvmnet could revert nothing from here. */
function needsHost(host: string, risk: string): KvmnetError {
  const because = risk === '' ? '' : `${risk}: `;
  return new KvmnetError('DEPENDENCY', `${because}${host} itself has to revert that, and kvmnet runs here`, {
    hint: `log in there and run kvmnet there, or do without the watchdog: --no-confirm`,
  });
}
