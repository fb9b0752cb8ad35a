/** Options and arguments that the commands on NICs have in common. */
import { KvmnetError } from '../../../errors.ts';
import type { WantedScopes } from '../../../state/scopes.ts';
import type { SourceType } from '../../../plan/nic/source.ts';
import { invalid } from '../../../values/invalid.ts';
import { waitForAddresses, type AddressOf } from '../../../observe/addresses.ts';
import { droppedOf } from '../../../observe/domain-definition.ts';
import type { Context } from '../../context.ts';
import type { ArgumentDefinition } from '../../command.ts';
import { flag, type ValuesOf } from '../../options.ts';

export const vm: ArgumentDefinition = { name: '<VM>', description: 'Domain, by name or UUID', completes: 'domain' };
export const nic: ArgumentDefinition = {
  name: '<NIC>',
  description: 'Index (0), interface (vnet3), MAC address, alias, or net=NAME',
  completes: 'nic',
};
export const source: ArgumentDefinition = {
  name: '<SOURCE>',
  description: 'Network, bridge of the host, or NIC of the host',
  completes: 'source',
};

export const scopeOptions = {
  live: flag('--live', 'Change only the running guest'),
  config: flag('--config', 'Change only the next boot'),
};

export const sourceTypes = {
  network: flag('--network', 'Look SOURCE up as a network'),
  bridge: flag('--bridge', 'Look SOURCE up as a bridge of the host'),
  macvtap: flag('--macvtap', 'Look SOURCE up as a NIC of the host, and attach the guest directly to it'),
};

/** Both together are what is meant when neither is given. */
export function wantedScopes({ live, config }: ValuesOf<typeof scopeOptions>): WantedScopes {
  return live && config ? {} : { live, config };
}

/** Throws USAGE when several are given. */
export function wantedType({ network, bridge, macvtap }: ValuesOf<typeof sourceTypes>): SourceType | undefined {
  const given = (
    [
      ['network', network],
      ['bridge', bridge],
      ['direct', macvtap],
    ] as const
  ).filter(([, value]) => value);
  if (given.length > 1) throw new KvmnetError('USAGE', 'use only one of --network, --bridge and --macvtap');
  return given[0]?.[0];
}

/** A duration such as `60s` or `2m`, in milliseconds; `60` is seconds. Throws INPUT. */
export function parseDuration(value: string, origin: string): number {
  const [, number, unit] = /^(\d{1,6})(s|m)?$/.exec(value) ?? [];
  const milliseconds = Number(number) * (unit === 'm' ? 60_000 : 1_000);
  if (milliseconds > 0) return milliseconds;
  throw invalid(origin, value, 'a duration is a number of seconds, or of minutes with m', '60s');
}

/** Warns of the unknown parts of a definition, which libvirt drops silently. */
export async function warnOfDropped(context: Context, asked: string, uuid: string): Promise<void> {
  context.warn((await droppedOf(context, asked, uuid)).map((path) => `libvirt did not keep ${path}`));
}

/** Waits for addresses, and shows whose while it does. Throws TIMEOUT. */
export function waitShown(context: Context, wanted: readonly AddressOf[], milliseconds: number) {
  return waitForAddresses(context, wanted, milliseconds, (names) => {
    context.progress.say(`waiting for the address of ${names}`);
  });
}
