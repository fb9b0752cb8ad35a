/** Options of every command that changes the host's links: the confirmation, and the files of the manager. */
import { configFormats, type ConfigFormat } from '../config/config.ts';
import { KvmnetError } from '../errors.ts';
import type { ConfirmWish } from '../plan/host/guard.ts';
import { suggestion } from '../values/nearest.ts';
import type { OptionDefinition, Options } from './command.ts';

export const confirmOptions: readonly OptionDefinition[] = [
  {
    flags: '--confirm-within <SECONDS>',
    description: 'Revert the change unless kvmnet confirm comes in time (default: 60 if you could lose access)',
  },
  { flags: '--no-confirm', description: 'Do not revert automatically; asks first if you could lose access' },
];

const least = 5;
const most = 3600;

/** @throws INPUT for what is no number of seconds, USAGE for both options */
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

export const persistOptions: readonly OptionDefinition[] = [
  {
    flags: '--persist [MANAGER]',
    description: `Save it for the next boot too: ${configFormats.join(', ')} (default: the manager of this host)`,
    completes: [...configFormats, 'auto'],
  },
];

export interface PersistWish {
  /** Found out by looking when undefined. */
  readonly format: ConfigFormat | undefined;
}

/** What the user typed for --persist; undefined where it is not there. */
export function persistWish({ persist }: Options): PersistWish | undefined {
  if (persist === undefined || persist === false) return undefined;
  return { format: typeof persist === 'string' ? readManager(persist) : undefined };
}

/** `--address dhcp` with --persist: the manager asks for the address, and the plan of links has none. */
export function isByManager({ address, persist }: Options): boolean {
  return address === 'dhcp' && persist !== undefined;
}

/**
 * A manager by its name; undefined for `auto`.
 * @throws INPUT for a format that kvmnet does not write
 */
export function readManager(text: string): ConfigFormat | undefined {
  if (text === 'auto') return undefined;
  const format = configFormats.find((each) => each === text.toLowerCase());
  if (format !== undefined) return format;
  throw new KvmnetError('INPUT', `${JSON.stringify(text)} is no manager that kvmnet writes for`, {
    hint: suggestion(text, configFormats, `one of ${configFormats.join(', ')}, or auto`),
  });
}
