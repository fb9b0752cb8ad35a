import { lacksAcpi } from '../../../plan/steps/hotplug.ts';
import { pciSlots } from '../../../state/pci-slots.ts';
import { parseSlotCount, planAddSlots } from '../../../plan/nic/slots.ts';
import { findDomain } from '../../../state/find-domain.ts';
import type { DomainState } from '../../../state/state.ts';
import type { Domain } from '../../../xml/domain.ts';
import type { Column } from '../../command.ts';
import { parsed, typed } from '../../options.ts';
import { changeResult } from '../../views/plan.ts';
import { vm } from './arguments.ts';

interface Slots {
  readonly domain: string;
  /** `live` or `next boot`. */
  readonly definition: string;
  /** For NICs of which model. */
  readonly model: string;
  readonly kind: string;
  readonly free: number;
  readonly total: number;
}

const columns: readonly Column<Slots>[] = [
  { heading: 'Domain', cell: ({ domain }) => domain },
  { heading: 'Definition', cell: ({ definition }) => definition },
  { heading: 'Kind', cell: ({ kind }) => kind },
  { heading: 'For', cell: ({ model }) => model },
  { heading: 'Free', cell: ({ free }) => free },
  { heading: 'Total', cell: ({ total }) => total },
];

export const command = typed({
  arguments: [vm],
  options: {
    add: parsed('--add <N>', 'Add N pcie-root-ports, effective at the next boot', parseSlotCount),
  },
  description:
    'Shows how many NICs can still be attached to a domain. In a PCI Express machine (q35) each NIC needs a pcie-root-port, which ' +
    'cannot be added to a running guest: --add adds them to the definition for its next boot.',
  examples: [
    ['vm slots VM1', 'Show the free slots, now and at the next boot'],
    ['vm slots VM1 --add 4', 'Add four at the next boot'],
  ],
  async run(context, [name = ''], { add: count }) {
    const scope = { only: ['domains'], domains: [name] } as const;
    if (count === undefined) {
      const rows = slotsOf(findDomain(await context.observe(scope), name));
      return { value: rows, table: { rows, columns, empty: `${name} has no PCI` } };
    }
    const result = await context.change(async (state) => {
      const domain = findDomain(state, name);
      return planAddSlots(domain, await configuration(domain), count);
    }, scope);
    return changeResult(
      context,
      result,
      `${name}: added ${String(count)} pcie-root-ports, effective at the next boot`,
      {
        domain: name,
        added: count,
      },
    );

    /** With its secrets, which a dry run would print: that goes without. */
    async function configuration(domain: DomainState): Promise<string> {
      if (context.options.dryRun) return domain.inactiveXml ?? domain.xml;
      const connection = await context.connection('change');
      return connection.call('domainSecureXml', { domain: domain.uuid });
    }
  },
});

function slotsOf({ name, active, domain, inactive }: DomainState): readonly Slots[] {
  const both: readonly (readonly [string, Domain | undefined])[] = [
    ['live', active ? domain : undefined],
    ['next boot', inactive],
  ];
  return both.flatMap(([definition, defined]) =>
    defined === undefined
      ? []
      : [
          ['virtio', 'virtio, e1000e'],
          ['rtl8139', 'rtl8139, e1000'],
        ].flatMap(([model = '', models = '']) => {
          const slots = pciSlots(defined, model);
          if (!slots || slots.total === 0) return [];
          const free = definition === 'live' && lacksAcpi(defined) ? 0 : slots.free;
          return [{ domain: name, definition, model: models, ...slots, free }];
        }),
  );
}
