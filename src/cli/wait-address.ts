/** Addresses of NICs, and waiting for them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import type { Context } from './context.ts';
import { addressesOfDomain, type KnownAddress } from './views/address.ts';
import { findDomain } from '../state/find-domain.ts';

const interval = 500;

/** Waits until each of these NICs has an address. Throws TIMEOUT: the NICs stay as they are. */
export async function waitForAddresses(
  context: Context,
  nics: readonly { readonly domain: string; readonly mac?: string }[],
  milliseconds: number,
): Promise<KnownAddress[]> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    context.progress.say(`waiting for the address of ${nics.map(({ domain }) => domain).join(', ')}`);
    const found = await lookUp(context, nics);
    const without = nics.filter((_, index) => found[index]?.length === 0);
    if (without.length === 0) return found.flat();
    if (performance.now() >= deadline) throw noAddress(without.map(({ domain }) => domain).join(', '), milliseconds);
    await sleep(interval);
  }
}

async function lookUp(
  context: Context,
  nics: readonly { readonly domain: string; readonly mac?: string }[],
): Promise<KnownAddress[][]> {
  const state = await context.observe({ routes: false });
  const connection = await context.connection('read');
  return Promise.all(
    nics.map(async ({ domain, mac }) => {
      const known = await addressesOfDomain(connection, findDomain(state, domain), state);
      return known.filter((address) => mac === undefined || address.mac === mac);
    }),
  );
}

function noAddress(names: string, milliseconds: number): KvmnetError {
  return new KvmnetError(
    'TIMEOUT',
    `${names}: no address within ${String(milliseconds / 1000)} s; the NIC is plugged in`,
    {
      hint: 'does the guest ask by DHCP, and does the network have a DHCP server? kvmnet net show tells; kvmnet vm ip shows what is known',
    },
  );
}
