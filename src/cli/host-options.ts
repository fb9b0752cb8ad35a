/** Options of commands that change the host's links: the confirmation, the files of the manager, and an address of the host. */
import { configFormats, type ConfigFormat } from '../config/config.ts';
import { KvmnetError } from '../errors.ts';
import type { ConfirmOptions } from '../plan/host/guard.ts';
import type { Address } from '../records/link.ts';
import { dhcpRefusal, parseHostAddress } from '../values/host-address.ts';
import { suggestion } from '../values/nearest.ts';
import { negative, parsed, type OptionRow, type ValuesOf } from './options.ts';

export const confirmOptions = {
  confirmWithin: parsed(
    '--confirm-within <SECONDS>',
    'Revert the change unless kvmnet confirm comes in time (default: 60 if you could lose access)',
    readSeconds,
  ),
  confirm: negative('--no-confirm', 'Do not revert automatically; asks first if you could lose access'),
};

/** @throws USAGE for both options */
export function parseConfirmOptions({
  confirmWithin,
  confirm,
}: Partial<ValuesOf<typeof confirmOptions>>): ConfirmOptions {
  const isOff = confirm === false;
  if (isOff && confirmWithin !== undefined) {
    throw new KvmnetError('USAGE', '--confirm-within and --no-confirm exclude each other', {
      hint: 'leave one of them out',
    });
  }
  return { within: confirmWithin, isOff };
}

function readSeconds(typed: string, origin: string): number {
  const [least, most] = [5, 3600];
  const seconds = Number(typed);
  if (/^\d{1,4}$/.test(typed) && seconds >= least && seconds <= most) return seconds;
  throw new KvmnetError(
    'INPUT',
    `${origin} ${JSON.stringify(typed)} is not a number of seconds from ${String(least)} to ${String(most)}`,
    { hint: 'for example --confirm-within 120' },
  );
}

export interface PersistOptions {
  /** Found out by looking when undefined. */
  readonly format: ConfigFormat | undefined;
}

const persist: OptionRow<PersistOptions | undefined> = {
  flags: '--persist [MANAGER]',
  description: `Save it for the next boot too: ${configFormats.join(', ')} (default: the manager of this host)`,
  completes: [...configFormats, 'auto'],
  read: (given) => {
    if (given === undefined || given === false) return undefined;
    return { format: typeof given === 'string' ? readManager(given) : undefined };
  },
};

export const persistOptions = { persist };

/** `--address`, and `dhcp` where the manager is to ask for one. */
export function addressOption(description: string): OptionRow<Address | 'dhcp' | undefined> {
  return parsed('--address <CIDR>', description, (typed, origin) =>
    typed === 'dhcp' ? typed : parseHostAddress(typed, origin),
  );
}

/**
 * The address for the plan of links. `--address dhcp` with --persist: the manager asks for it, and the plan has none.
 * @throws INPUT for dhcp without --persist
 */
export function ownAddress({
  address,
  persist: wish,
}: {
  readonly address: Address | 'dhcp' | undefined;
  readonly persist: PersistOptions | undefined;
}): { readonly address: Address | undefined; readonly byManager: boolean } {
  if (address !== 'dhcp') return { address, byManager: false };
  if (wish === undefined) throw dhcpRefusal('--address');
  return { address: undefined, byManager: true };
}

/**
 * A manager by its name; undefined for `auto`.
 * @throws INPUT for a format that kvmnet does not write
 */
export function readManager(text: string): ConfigFormat | undefined {
  if (text === 'auto') return undefined;
  const format = configFormats.find((each) => each === text.toLowerCase());
  if (format !== undefined) return format;
  throw new KvmnetError('INPUT', `${JSON.stringify(text)} is not a manager that kvmnet writes for`, {
    hint: suggestion(text, configFormats, `one of ${configFormats.join(', ')}, or auto`),
  });
}
