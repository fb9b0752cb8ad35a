/** A watchdog reverts changes that may cut the host off, unless they are confirmed: the options, and the plans that need it. */
import { KvmnetError } from '../errors.ts';
import { inheritedVariable } from '../host/processes.ts';
import { run } from '../host/run.ts';
import { hostTarget } from '../observe/host-target.ts';
import { lifelineOf } from '../plan/host/lifeline.ts';
import type { Plan } from '../plan/step.ts';
import type { State } from '../state/state.ts';
import type { OptionDefinition, Options } from './command.ts';

/** Of every command that changes the host's links. */
export const confirmOptions: readonly OptionDefinition[] = [
  {
    flags: '--confirm-within <SECONDS>',
    description: 'Revert the change unless kvmnet confirm comes in time (default: 60 if you could lose access)',
  },
  { flags: '--no-confirm', description: 'Do not revert automatically; asks first if you could lose access' },
];

/** The user's options about confirmation. */
export interface ConfirmWish {
  /** Seconds; undefined: those of the default, where it is needed. */
  readonly within: number | undefined;
  readonly isOff: boolean;
}

const defaultSeconds = 60;
const least = 5;
const most = 3600;

/**
 * @throws INPUT for an invalid number of seconds, USAGE for both options
 */
export function confirmWish({ confirmWithin, confirm }: Options): ConfirmWish {
  const isOff = confirm === false;
  if (typeof confirmWithin !== 'string') return { within: undefined, isOff };
  if (isOff) {
    throw new KvmnetError('USAGE', '--confirm-within and --no-confirm exclude each other', {
      hint: 'leave one of them out',
    });
  }
  const within = Number(confirmWithin);
  if (/^\d{1,4}$/.test(confirmWithin) && within >= least && within <= most) return { within, isOff };
  throw new KvmnetError(
    'INPUT',
    `--confirm-within ${JSON.stringify(confirmWithin)} is not a number of seconds from ${String(least)} to ${String(most)}`,
    {
      hint: 'for example --confirm-within 120',
    },
  );
}

/**
 * Returns the plan with the data for its automatic rollback, if it may cut the host off or the user requests it.
 * @throws DEPENDENCY on another host, where no watchdog could revert it
 */
export async function guarded<P extends Plan>(
  plan: P,
  { connection, host }: State,
  wish: ConfirmWish | undefined,
): Promise<P> {
  const isOfLinks = plan.steps.some(({ do: { call } }) => call === 'hostLinks' || call === 'hostRestore');
  if (!isOfLinks || !host) return plan;
  const ssh = await sshConnection(connection.uri);
  const { because, gateways, isSsh } = lifelineOf(plan, host, ssh);
  const risk = because.join('; ');
  if (wish?.isOff) {
    if (because.length === 0) return plan;
    return {
      ...plan,
      consent: [...plan.consent, `${risk}: if that fails, it is not reverted automatically (--no-confirm)`],
    };
  }
  const within = wish?.within ?? (because.length > 0 ? defaultSeconds : undefined);
  if (within === undefined) return plan;
  refuseElsewhere(connection.uri, risk);
  const unless = `it is reverted after ${String(within)} s unless you confirm it`;
  return {
    ...plan,
    warnings: because.length === 0 ? plan.warnings : [...plan.warnings, `${risk}: ${unless}`],
    confirm: { within, gateways, ...(isSsh && ssh !== undefined ? { ssh } : {}) },
  };
}

/** SSH_CONNECTION of the user on the host: locally kvmnet's own, remotely that of the ssh that runs kvmnet's programs. */
async function sshConnection(uri: string): Promise<string | undefined> {
  const on = hostTarget(uri);
  if (!on) return inheritedVariable('SSH_CONNECTION');
  const told = await run('printenv', ['SSH_CONNECTION'], { on }).catch(() => '');
  return told.trim() === '' ? undefined : told.trim();
}

/** The watchdog must run on the host of the links: once cut off, this machine could not revert anything. */
function refuseElsewhere(uri: string, risk: string): void {
  const on = hostTarget(uri);
  if (!on) return;
  const because = risk === '' ? '' : `${risk}: `;
  throw new KvmnetError('DEPENDENCY', `${because}only ${on.host} itself can revert that, but kvmnet runs here`, {
    hint: 'log in there and run kvmnet there, or disable the automatic rollback: --no-confirm',
  });
}
