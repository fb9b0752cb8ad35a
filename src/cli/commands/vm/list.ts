import { naturalOrder } from '../../../values/natural.ts';
import { nicsOf } from '../../../state/nics.ts';
import type { DomainState, Unreadable } from '../../../state/state.ts';
import type { Column } from '../../command.ts';
import { allOption, flag, typed } from '../../options.ts';

interface DomainSummary {
  readonly id: number | undefined;
  readonly name: string;
  readonly uuid: string;
  readonly state: string;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
  /** Undefined if its definition cannot be read: `problem` has the reason. */
  readonly nics: number | undefined;
  readonly problem: string | undefined;
}

const columns: readonly Column<DomainSummary>[] = [
  { heading: 'Name', cell: ({ name }) => name },
  { heading: 'Id', cell: ({ id }) => id, isSpare: true },
  { heading: 'State', cell: ({ state }) => state, tone: ({ active }) => (active ? 'good' : undefined) },
  { heading: 'Autostart', cell: ({ autostart }) => autostart, isSpare: true },
  { heading: 'Persistent', cell: ({ persistent }) => persistent, isSpare: true },
  { heading: 'NICs', cell: ({ nics }) => nics },
  { heading: 'Problem', cell: ({ problem }) => problem, tone: () => 'bad' },
];

export const command = typed({
  options: {
    all: allOption,
    active: flag('--active', 'List only running domains'),
    inactive: flag('--inactive', 'List only domains that are not running'),
  },
  columns,
  examples: [
    ['vm list', 'List all domains, running and shut off'],
    ['vm list --active -o name', 'List the names of running domains, for scripts'],
  ],
  async run(context, _args, { active, inactive }) {
    const scope = { only: ['domains'], showsUnreadable: 'domain' } as const;
    const state = await context.observe(scope);
    const rows = [...state.domains.map(summarize), ...(state.unreadable ?? []).map(summarizeUnreadable)]
      .filter((domain) => active === inactive || domain.active === active)
      .sort((left, right) => naturalOrder(left.name, right.name));
    // The column only exists if it has values.
    const broken = rows.some(({ problem }) => problem !== undefined);
    const shown = columns.filter(({ heading }) => broken || heading !== 'Problem');
    return { value: rows, table: { rows, columns: shown, empty: 'no domains' } };
  },
});

function summarize(domain: DomainState): DomainSummary {
  const { id, name, uuid, state, active, persistent, autostart } = domain;
  return { id, name, uuid, state, active, persistent, autostart, nics: nicsOf(domain).length, problem: undefined };
}

function summarizeUnreadable({ object: _domain, state = 'no state', problem, ...known }: Unreadable): DomainSummary {
  return { ...known, state, nics: undefined, problem: `its definition cannot be read: ${problem}` };
}
