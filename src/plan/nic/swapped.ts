/** Arguments in the wrong order: `vm attach NETWORK VM`. */
import { quoted } from '../../values/quoted.ts';
import type { State } from '../../state/state.ts';

/**
 * Returns the hint for a swapped domain and source, or undefined.
 * @param line the command with both in the right order
 */
export function swappedHint(
  { domains, networks, host }: State,
  [first, second]: readonly [string, string],
  line: (domain: string, source: string) => string,
): string | undefined {
  const isDomain = (name: string): boolean => domains.some((domain) => domain.name === name);
  if (isDomain(first) || !isDomain(second)) return undefined;
  const isNetwork = networks.some(({ name }) => name === first);
  if (!isNetwork && host?.links.some(({ name }) => name === first) !== true) return undefined;
  const what = isNetwork ? 'a network' : 'a device of the host';
  return `${first} is ${what}, and ${second} a domain: kvmnet ${line(quoted(second), quoted(first))}`;
}
