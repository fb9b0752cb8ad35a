import { naturalOrder } from '../../../values/natural.ts';
import { nicsOf } from '../../../state/nics.ts';
import type { DomainState, Unreadable } from '../../../state/state.ts';
import type { Column } from '../../command.ts';
import type { Context } from '../../context.ts';
import type { GlobalOptions } from '../../global-options.ts';
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
    ['vm list --columns Name,State,NICs', 'List them with the number of their NICs'],
    ['vm list --active -o name', 'List the names of running domains, for scripts'],
  ],
  async run(context, _args, { active, inactive }) {
    const isFull = readsDefinitions(context.options);
    const domains = isFull ? await withNics(context) : await listStates(context);
    const rows = domains
      .filter((domain) => active === inactive || domain.active === active)
      .sort((left, right) => naturalOrder(left.name, right.name));
    // These columns only exist if they have values.
    const missing = [isFull ? '' : 'NICs', rows.some(({ problem }) => problem !== undefined) ? '' : 'Problem'];
    const shown = columns.filter(({ heading }) => !missing.includes(heading));
    return { value: rows, table: { rows, columns: shown, empty: 'no domains' } };
  },
});

/** A list of names and states does not read each definition: with 1,000 domains that takes longer than all else. */
function readsDefinitions({ format, columns: chosen }: GlobalOptions): boolean {
  return chosen !== undefined || (format !== 'table' && format !== 'name');
}

async function listStates(context: Context): Promise<readonly DomainSummary[]> {
  const connection = await context.connectionForReport();
  const domains = await connection.call('listDomainStates');
  return domains.map((domain) => ({ ...domain, nics: undefined, problem: undefined }));
}

async function withNics(context: Context): Promise<readonly DomainSummary[]> {
  const state = await context.observe({ only: ['domains'], showsUnreadable: 'domain' });
  return [...state.domains.map(summarize), ...(state.unreadable ?? []).map(summarizeUnreadable)];
}

function summarize(domain: DomainState): DomainSummary {
  const { id, name, uuid, state, active, persistent, autostart } = domain;
  return { id, name, uuid, state, active, persistent, autostart, nics: nicsOf(domain).length, problem: undefined };
}

function summarizeUnreadable({ object: _domain, state = 'no state', problem, ...known }: Unreadable): DomainSummary {
  return { ...known, state, nics: undefined, problem: `its definition cannot be read: ${problem}` };
}
