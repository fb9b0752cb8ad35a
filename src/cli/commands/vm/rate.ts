import { planRate, ratesOf } from '../../../plan/nic/rate.ts';
import { formatRate, parseRate } from '../../../values/rate.ts';
import { findDomain } from '../../../state/find-domain.ts';
import { findNic, type Nic } from '../../../state/nics.ts';
import type { Column } from '../../command.ts';
import { flag, parsed, typed } from '../../options.ts';
import { changeResult } from '../../views/plan.ts';
import { scopeOptions, nic, vm, wantedScopes } from './arguments.ts';

interface Rates {
  readonly domain: string;
  readonly nic: number;
  readonly mac: string | undefined;
  /** `live` or `next boot`. */
  readonly definition: string;
  /** Kilobytes a second, as libvirt counts; undefined without a limit. */
  readonly in: number | undefined;
  readonly out: number | undefined;
}

const rateText = (rate: number | undefined): string => (rate === undefined ? 'unlimited' : formatRate(rate));

const columns: readonly Column<Rates>[] = [
  { heading: 'Domain', cell: ({ domain }) => domain },
  { heading: 'NIC', cell: (rates) => rates.nic },
  { heading: 'MAC', cell: ({ mac }) => mac },
  { heading: 'Definition', cell: ({ definition }) => definition },
  { heading: 'In', cell: (rates) => rateText(rates.in) },
  { heading: 'Out', cell: ({ out }) => rateText(out) },
];

export const command = typed({
  arguments: [vm, nic],
  options: {
    in: parsed('--in <RATE>', 'Limit for incoming traffic of the guest: 100mbit, 1gbit, 10MB/s', parseRate),
    out: parsed('--out <RATE>', 'Limit for outgoing traffic of the guest', parseRate),
    none: flag('--none', 'Remove the limits'),
    ...scopeOptions,
  },
  description:
    "Directions are from the guest's view. Omitted limits stay unchanged; without options, the limits are shown. The kernel of the host " +
    'enforces the limits of a running guest with its modules sch_htb and sch_ingress.',
  examples: [
    ['vm rate VM1 0', 'Show the limits of its first NIC'],
    ['vm rate VM1 0 --in 100mbit --out 20mbit', 'Set limits, now and at the next boot'],
    ['vm rate VM1 net=keennet --none', 'Remove the limits'],
  ],
  async run(context, [name = '', selector = ''], options) {
    const scope = { only: ['domains'], domains: [name] } as const;
    const rates = { in: options.in, out: options.out, none: options.none };
    if (rates.in === undefined && rates.out === undefined && !rates.none) {
      const domain = findDomain(await context.observe(scope), name);
      const rows = ratesIn(findNic(domain, selector), domain.name);
      return { value: rows, table: { rows, columns } };
    }
    const result = await context.change((state) => {
      const domain = findDomain(state, name);
      return planRate({ domain, nic: findNic(domain, selector), wanted: wantedScopes(options), rates }, state);
    }, scope);
    return changeResult(context, result, result.plan.title, { domain: name });
  },
});

function ratesIn(found: Nic, domain: string): readonly Rates[] {
  const both = [
    ['live', found.live],
    ['next boot', found.config],
  ] as const;
  return both.flatMap(([definition, defined]) =>
    defined ? [{ domain, nic: found.index, mac: found.mac, definition, ...ratesOf(defined) }] : [],
  );
}
