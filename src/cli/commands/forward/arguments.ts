/** Arguments and options that commands for port forwards share. */
import type { WantedForward } from '../../../plan/nat/forward.ts';
import { protocols, type Arrival, type TypedTarget } from '../../../values/forward.ts';
import type { Family } from '../../../values/address.ts';
import { invalid } from '../../../values/invalid.ts';
import { parsed, type OptionRow } from '../../options.ts';
import type { Protocol } from '../../../records/nat.ts';

export const portSyntax = '[LISTEN:]PORT[-PORT][/PROTOCOL]';

const choices = { tcp: ['tcp'], udp: ['udp'], both: protocols } as const;

/** tcp where nothing is typed. */
export const proto: OptionRow<readonly Protocol[] | undefined> = parsed(
  '--proto <P>',
  'tcp, udp or both (default: tcp)',
  (typed, origin) => {
    if (typed === 'tcp' || typed === 'udp' || typed === 'both') return choices[typed];
    throw invalid(origin, typed, 'it is tcp, udp or both', 'udp');
  },
  Object.keys(choices),
);

export const family: OptionRow<Family | undefined> = parsed(
  '--family <F>',
  'Of a VM with addresses of both: ipv4 or ipv6 (default: ipv4)',
  (typed, origin) => {
    if (typed === 'ipv4' || typed === 'ipv6') return typed;
    throw invalid(origin, typed, 'it is ipv4 or ipv6', 'ipv6');
  },
  ['ipv4', 'ipv6'],
);

export function wantedForward(
  arrival: Arrival,
  target: TypedTarget,
  options: { readonly proto: readonly Protocol[] | undefined; readonly family: Family | undefined },
): WantedForward {
  return { arrival, target, protocols: options.proto ?? ['tcp'], family: options.family };
}
