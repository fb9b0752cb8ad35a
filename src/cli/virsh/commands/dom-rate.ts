/** virsh's rates: `average[,peak[,burst[,floor]]]` in kilobytes a second, and kilobytes for the burst. Source: virsh(1), domiftune */
import { KvmnetError } from '../../../errors.ts';

export interface VirshRate {
  readonly average: bigint;
  readonly peak: bigint;
  readonly burst: bigint;
  readonly floor: bigint;
}

const fields = ['average', 'peak', 'burst', 'floor'] as const;
const largest = 0xffff_ffff_ffff_ffffn;

/** Parses virsh's notation of a rate; an omitted or empty part is 0. Throws INPUT. */
export function parseVirshRate(text: string, origin: string): VirshRate {
  const parts = text === '' ? [] : text.split(',');
  if (parts.length > fields.length) throw malformed(text, origin, 'has more than four fields');
  const [average, peak, burst, floor] = fields.map((name, index) => {
    const part = parts[index] ?? '';
    if (part === '') return 0n;
    const digits = /^\s*\+?(\d+)$/.exec(part)?.[1];
    if (digits === undefined || BigInt(digits) > largest) throw malformed(text, origin, `has a malformed ${name}`);
    return BigInt(digits);
  });
  return { average: average ?? 0n, peak: peak ?? 0n, burst: burst ?? 0n, floor: floor ?? 0n };
}

/** Throws INPUT for what goes to a guest without the average that it needs, or with a floor for what it sends. */
export function checkRate(rate: VirshRate, origin: '--inbound' | '--outbound', isNeeded: boolean): void {
  const isSet = isNeeded || rate.peak > 0n || rate.burst > 0n;
  if (origin === '--inbound' && isSet && rate.average === 0n && rate.floor === 0n) {
    throw new KvmnetError('INPUT', '--inbound needs an average or a floor', { hint: 'for example --inbound 1000' });
  }
  if (origin !== '--outbound') return;
  if (isSet && rate.average === 0n) {
    throw new KvmnetError('INPUT', '--outbound needs an average', { hint: 'for example --outbound 1000' });
  }
  if (rate.floor > 0n) {
    throw new KvmnetError('INPUT', '--outbound has no floor', {
      hint: 'libvirt guarantees only what a guest receives',
    });
  }
}

function malformed(text: string, origin: string, what: string): KvmnetError {
  return new KvmnetError('INPUT', `${origin} ${JSON.stringify(text)} ${what}`, {
    hint: 'average,peak,burst,floor in kilobytes, each may be left out: --inbound 1000,2000,5000',
  });
}
