import { findDomain, namedDomains } from '../../../state/find-domain.ts';
import { naturalOrder } from '../../../values/natural.ts';
import type { State } from '../../../state/state.ts';
import { unreadableDomains } from '../../../state/unreadable.ts';
import type { CommandDefinition } from '../../command.ts';
import { observePortHealth } from '../../../observe/examine.ts';
import { detailText, domainDetails, unreadableDetails, type DomainFacts } from '../../views/domain.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '[VM...]', description: 'Domains (default: all)', completes: 'domain' }],
  examples: [
    ['vm show VM1', 'Show its state, memory, processors, NICs and addresses'],
    ['vm show', 'Show all domains'],
    ['vm show VM1 --json', 'Print JSON for programs'],
  ],
  async run(context, names) {
    const state = await context.observe({ routes: false, domains: namedDomains(names), showsUnreadable: 'domain' });
    const facts = await observePortHealth(context, state);
    const connection = await context.connection('read');
    const details: DomainFacts = {
      state,
      facts,
      stateOf: (domain) => connection.call('getDomainState', { domain }),
      infoOf: (domain) => connection.call('getDomainInfo', { domain }),
    };
    const chosen = names.length === 0 ? everything(state) : names.map((name) => named(name, state));
    const shown = await Promise.all(
      chosen.map(async (each) => ('problem' in each ? unreadableDetails(each) : domainDetails(each, details))),
    );
    return { value: shown, text: shown.length === 0 ? 'no domains' : shown.map(detailText).join('\n\n') };
  },
};

type Chosen = State['domains'][number] | NonNullable<State['unreadable']>[number];

function everything(state: State): readonly Chosen[] {
  return [...state.domains, ...unreadableDomains(state)].sort((left, right) => naturalOrder(left.name, right.name));
}

function named(name: string, state: State): Chosen {
  return (
    unreadableDomains(state).find((each) => each.name === name || each.uuid === name.toLowerCase()) ??
    findDomain(state, name)
  );
}
