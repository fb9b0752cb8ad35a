/** A plan that limits what a NIC receives and sends. */
import { KvmnetError } from '../../errors.ts';
import type { Interface, InterfaceInput } from '../../xml/interface.ts';
import type { State } from '../../state/state.ts';
import { prepare, type NicChange } from './change.ts';
import { updateStep, type NicSubject } from '../steps/nic.ts';
import type { Action, NicExpectation, Plan, Step } from '../step.ts';
import { formatRate } from '../../values/rate.ts';

/** Kilobytes a second, from the guest's view. What is absent stays. */
export interface RateOptions {
  readonly in?: number | undefined;
  readonly out?: number | undefined;
  /** Removes the limits that are not given as well. */
  readonly none?: boolean | undefined;
}

/** The types that libvirt itself can limit; a passed-through device is out of its reach. @see virNetDevSupportsBandwidth */
const limited: readonly string[] = ['network', 'bridge', 'direct', 'ethernet'];

/**
 * Limits a NIC, live and in its configuration, by `tc` on its device.
 * @throws USAGE without any; DEPENDENCY for a NIC that libvirt cannot limit
 */
export function planRate(change: NicChange & { readonly rates: RateOptions }, state: Pick<State, 'connection'>): Plan {
  const { subject, scopes, name, live, config } = prepare(change, state);
  const wanted = wantedRates(change.rates);
  const title = `rate of ${name}: ${describe(wanted)}`;
  const set = (scope: 'live' | 'config', from: Interface | undefined): readonly Step[] => {
    if (!from) return [];
    requireLimitable(from, name);
    const to = limit(from, wanted);
    if (sameLimit(from, to)) return [];
    const expected: NicExpectation = {
      rate: { in: average(to, 'inbound') ?? null, out: average(to, 'outbound') ?? null },
    };
    const step = { title: `${title}${scope === 'config' ? ' at the next boot' : ''}`, scope, from, to };
    const update = updateStep(subject, step, expected);
    return [scope === 'live' ? { ...update, undo: [...update.undo, restore(from, subject)] } : update];
  };
  return {
    title,
    steps: [...(scopes.live ? set('live', live) : []), ...(scopes.config ? set('config', config) : [])],
    warnings: [],
    consent: [],
  };
}

/** Kilobytes a second; null takes a limit away, undefined leaves it. */
interface Wanted {
  readonly in: number | null | undefined;
  readonly out: number | null | undefined;
}

function wantedRates(rates: RateOptions): Wanted {
  const other = rates.none === true ? null : undefined;
  const wanted = {
    in: rates.in ?? other,
    out: rates.out ?? other,
  };
  if (wanted.in !== undefined || wanted.out !== undefined) return wanted;
  throw new KvmnetError('USAGE', 'no rate is given', { hint: 'use --in 100mbit, --out 100mbit, or --none' });
}

function describe(wanted: Wanted): string {
  const parts = (['in', 'out'] as const).flatMap((way) => {
    const rate = wanted[way];
    if (rate === undefined) return [];
    return [`${way} ${rate === null ? 'unlimited' : formatRate(rate)}`];
  });
  return parts.join(', ');
}

/** A new average comes without the peak and burst of the old one, which could not fit; one that stays keeps them. */
function limit(nic: Interface, wanted: Wanted): InterfaceInput {
  const side = (key: 'inbound' | 'outbound', rate: number | null | undefined) => {
    const present = nic.bandwidth?.[key];
    if (rate === undefined || rate === Number(present?.average ?? Number.NaN)) return present;
    return rate === null ? undefined : { average: rate };
  };
  const inbound = side('inbound', wanted.in);
  const outbound = side('outbound', wanted.out);
  const bandwidth = inbound || outbound ? { ...nic.bandwidth, inbound, outbound } : undefined;
  return { ...nic, bandwidth };
}

/** A change that `tc` refuses halfway leaves the guest limited, and libvirt with the old definition: only this restores the old limits. */
function restore(from: Interface, { domain, mac }: NicSubject): Action {
  const side = (key: 'inbound' | 'outbound') => {
    const { average = 0, peak = 0, burst = 0 } = from.bandwidth?.[key] ?? {};
    return { average: Number(average), peak: Number(peak), burst: Number(burst) };
  };
  return {
    call: 'domainSetInterfaceRates',
    domain: domain.uuid,
    device: from.target?.dev ?? mac,
    inbound: side('inbound'),
    outbound: side('outbound'),
  };
}

function sameLimit(left: InterfaceInput, right: InterfaceInput): boolean {
  const text = ({ bandwidth }: InterfaceInput): string =>
    JSON.stringify([bandwidth?.inbound ?? null, bandwidth?.outbound ?? null]);
  return text(left) === text(right);
}

function average(nic: InterfaceInput | undefined, key: 'inbound' | 'outbound'): number | undefined {
  const value = nic?.bandwidth?.[key]?.average;
  return value === undefined ? undefined : Number(value);
}

/** The limits in a NIC's definition, in kilobytes a second; undefined without a limit. */
export function ratesOf(nic: Interface): { readonly in: number | undefined; readonly out: number | undefined } {
  return { in: average(nic, 'inbound'), out: average(nic, 'outbound') };
}

function requireLimitable({ type }: Interface, name: string): void {
  if (limited.includes(type)) return;
  throw new KvmnetError('DEPENDENCY', `${name} is of type ${type}, which libvirt cannot limit`, {
    hint: 'limit it in the guest, or on the NIC of the host',
  });
}
