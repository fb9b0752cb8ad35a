/** Addresses of NICs, and waiting for them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import { isHeld, type AddressView, type Neighbour } from '../state/addresses.ts';
import { findDomain } from '../state/find-domain.ts';
import type { Context } from './context.ts';
import { addressesOfDomain } from './views/address.ts';

/** Of which domain, and of which of its NICs; all of them where no MAC is given. */
export interface AddressOf {
  readonly domain: string;
  readonly mac?: string;
}

const interval = 500;

/** Returns the known addresses of the requested NICs, or of all domains; a NIC without one has a row with the reason. */
export async function lookUpAddresses(
  context: Context,
  wanted?: readonly AddressOf[],
  alwaysAsksAgent = true,
): Promise<(readonly AddressView[])[]> {
  const [state, neighbours] = await Promise.all([context.observe({ routes: false }), lookAround(context)]);
  return Promise.all(
    (wanted ?? state.domains.map(({ name }): AddressOf => ({ domain: name }))).map(({ domain, mac }) =>
      addressesOfDomain(findDomain(state, domain), state, {
        ...{ mac, alwaysAsksAgent, neighbours },
        connect: (...how) => context.connection(...how),
      }),
    ),
  );
}

/** The neighbor tables of the host; undefined if they cannot be read. */
async function lookAround(context: Context): Promise<readonly Neighbour[] | undefined> {
  const { isLocal } = await import('../observe/uri.ts');
  if (!isLocal(context.options.uri)) return undefined;
  const { readNeighbours } = await import('../host/neighbours.ts');
  try {
    return await readNeighbours({ onRun: context.traceRun });
  } catch (error) {
    if (!(error instanceof KvmnetError)) throw error;
    return undefined; // The answers of the other sources are worth more than this one's failure.
  }
}

/** Waits until every requested NIC has an address. @throws TIMEOUT */
export async function waitForAddresses(
  context: Context,
  wanted: readonly AddressOf[],
  milliseconds: number,
): Promise<AddressView[]> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    context.progress.say(`waiting for the address of ${namesOf(wanted)}`);
    const found = (await lookUpAddresses(context, wanted, false)).map((known) => known.filter(isHeld));
    const without = wanted.filter((_, index) => found[index]?.length === 0);
    if (without.length === 0) return found.flat();
    if (performance.now() >= deadline) throw noAddress(without, milliseconds);
    await sleep(interval);
  }
}

function namesOf(wanted: readonly AddressOf[]): string {
  return wanted.map(({ domain, mac }) => (mac === undefined ? domain : `NIC ${mac} of ${domain}`)).join(', ');
}

function noAddress(without: readonly AddressOf[], milliseconds: number): KvmnetError {
  const message = `no address of ${namesOf(without)} within ${String(milliseconds / 1000)} s`;
  const attached = without.some(({ mac }) => mac !== undefined) ? '; it is attached' : '';
  return new KvmnetError('TIMEOUT', message + attached, {
    hint: 'does the guest use DHCP, and does the network have a DHCP server (kvmnet net show)? kvmnet vm ip shows the known addresses',
  });
}
