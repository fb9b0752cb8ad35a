/** A virsh name's place among the commands. */
import type { CommandEntry } from '../command.ts';
import { asCommand, type VirshDefinition } from './grammar/definition.ts';

export interface VirshEntry extends CommandEntry {
  readonly definition: () => Promise<VirshDefinition>;
}

export const virshEntry = (name: string, summary: string, definition: VirshEntry['definition']): VirshEntry => ({
  path: [name],
  summary,
  isVirsh: true,
  isHidden: true,
  definition,
  load: async () => ({ command: asCommand(await definition()) }),
});
