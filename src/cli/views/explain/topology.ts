/** Drawings of topologies in a terminal. */
import type { Status } from '../../../topology/graph.ts';
import type { Tone } from '../../output/color.ts';

/** The columns of a drawing that does not go to a terminal. */
export const pageWidth = 120;

/** The colors of nodes and edges by their status. */
export const statusTones: Readonly<Record<Status, Tone | undefined>> = { up: undefined, off: 'hint', broken: 'bad' };
