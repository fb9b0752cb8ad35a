import { invalid, type Origin } from './invalid.ts';

/** libvirt's kilobytes a second are tc's kbps: 1000 bytes. Source: formatdomain, "Quality of service"; tc(8), UNITS. */
const bitsOfUnit: Readonly<Record<string, number>> = {
  kbit: 1e3,
  mbit: 1e6,
  gbit: 1e9,
  'kb/s': 8e3,
  'mb/s': 8e6,
};

/** A rate such as `100mbit`, `1gbit` or `10MB/s`, as libvirt's kilobytes a second. Throws INPUT. */
export function parseRate(value: string, origin: Origin = 'rate'): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(kbit|mbit|gbit|kb\/s|mb\/s)$/i.exec(value) ?? [];
  const bits = Number(number) * (bitsOfUnit[unit?.toLowerCase() ?? ''] ?? NaN);
  const kilobytes = Math.round(bits / 8000);
  if (bits >= 8000 && kilobytes <= 0xffffffff) return kilobytes;
  throw invalid(origin, value, 'a rate is a number with kbit, mbit, gbit, kB/s or MB/s, of 8kbit at least', '100mbit');
}

/** Formats libvirt's kilobytes a second with units: `100mbit`, `1.5gbit`, `8kbit`. parseRate reads it back as the same number. */
export function formatRate(kilobytes: number): string {
  const bits = kilobytes * 8000;
  if (bits >= 1e9 && bits % 1e6 === 0) return `${String(bits / 1e9)}gbit`;
  return bits >= 1e6 ? `${String(bits / 1e6)}mbit` : `${String(bits / 1e3)}kbit`;
}
