import type { WholeHost } from '../../state/state.ts';
import type { LinkVlans, Step } from '../step.ts';
import { vlansBack } from './bridge-vlan.ts';
import type { WantedLinks } from '../../records/desired-link.ts';
import { commandsTo, snapshot } from './wanted.ts';

/** Returns the step that changes links to the desired state, with their present state as its undo; none if nothing needs to change. */
export function linkSteps(title: string, wanted: WantedLinks, host: WholeHost): readonly Step[] {
  const commands = commandsTo(wanted, host);
  if (commands.length === 0) return [];
  return [
    {
      title,
      do: { call: 'hostLinks', commands },
      undo: [
        { call: 'hostRestore', links: snapshot(Object.keys(wanted), host) },
        ...lostVlans(wanted, host).map((vlans) => ({ call: 'hostLinkVlans', ...vlans }) as const),
      ],
      verify: { expect: 'links', links: wanted },
    },
  ];
}

/** Of ports that leave their bridge, and of bridges that go: the kernel forgets their VLANs. */
function lostVlans(wanted: WantedLinks, { links }: WholeHost): readonly LinkVlans[] {
  return links.flatMap((link) => {
    const wish = wanted[link.name];
    const leaves = wish === null || (wish?.master !== undefined && wish.master !== (link.master ?? null));
    return leaves ? vlansBack(link) : [];
  });
}
