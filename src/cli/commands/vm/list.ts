import { nicsOf } from '../../../state/nics.ts';
import type { DomainState } from '../../../state/state.ts';
import type { Column, CommandDefinition } from '../../command.ts';

interface DomainSummary {
  readonly id: number | undefined;
  readonly name: string;
  readonly uuid: string;
  readonly state: string;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
  readonly nics: number;
}

const columns: readonly Column<DomainSummary>[] = [
  { heading: 'Name', cell: ({ name }) => name },
  { heading: 'Id', cell: ({ id }) => id },
  { heading: 'State', cell: ({ state }) => state },
  { heading: 'Autostart', cell: ({ autostart }) => autostart },
  { heading: 'Persistent', cell: ({ persistent }) => persistent },
  { heading: 'NICs', cell: ({ nics }) => nics },
];

export const command: CommandDefinition = {
  options: [{ flags: '--active', description: 'only those that run' }],
  examples: [
    ['vm list', 'all domains, running and shut off'],
    ['vm list --active -o name', 'the names of those that run, for scripts'],
  ],
  async run(context, _args, { active }) {
    const state = await context.observe({ networks: false, links: false, routes: false });
    const rows = state.domains.filter((domain) => domain.active || active !== true).map(summarize);
    return { value: rows, table: { rows, columns, empty: 'no domains' } };
  },
};

function summarize(domain: DomainState): DomainSummary {
  const { id, name, uuid, state, active, persistent, autostart } = domain;
  return { id, name, uuid, state, active, persistent, autostart, nics: nicsOf(domain).length };
}
