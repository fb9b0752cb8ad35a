import type { HostState } from '../../state/state.ts';
import type { Step } from '../step.ts';
import type { WantedLinks } from './link.ts';
import { commandsTo, snapshot } from './wanted.ts';

/** The step that makes links what they should be, with all of them as they are now as its way back; none where nothing is to do. */
export function linkSteps(title: string, wanted: WantedLinks, host: HostState): readonly Step[] {
  const commands = commandsTo(wanted, host);
  if (commands.length === 0) return [];
  return [
    {
      title,
      do: { call: 'hostLinks', commands },
      undo: [{ call: 'hostRestore', links: snapshot(Object.keys(wanted), host) }],
      verify: { expect: 'links', links: wanted },
    },
  ];
}
