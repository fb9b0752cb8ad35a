/** The rows that doctor.test.ts tries on a private host, by subject. */
import { definitionRows } from './definition-rows.ts';
import { linkRows } from './link-rows.ts';
import { stateRows } from './network-rows.ts';
import { packetRows } from './packet-rows.ts';
import { programRows } from './program-rows.ts';
import type { Row } from './rows.ts';

export const privateRows: Readonly<Record<string, readonly Row[]>> = {
  'a network that is broken, and prints what repairs it': stateRows,
  'a definition that is wrong, and prints what corrects it': definitionRows,
  'a link that is wrong, and prints what corrects it': linkRows,
  'what stops packets, and prints what lets them pass': packetRows,
  'a daemon, user or device that is wrong, and prints what corrects it': programRows,
};
