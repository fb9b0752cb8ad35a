/** A path, hop by hop. */
import type { Hop, Path } from '../../../topology/path/path.ts';
import { printable } from '../../../values/printable.ts';
import type { Column } from '../../command.ts';
import type { Paint, Tone } from '../../output/color.ts';
import type { Proof } from '../../explain/probe-path.ts';

export const hopColumns: readonly Column<Hop>[] = [
  { heading: 'Kind', cell: ({ kind }) => kind },
  { heading: 'Name', cell: ({ name }) => name },
  { heading: 'Device', cell: ({ device }) => device },
  { heading: 'VLAN', cell: ({ vlan }) => vlan },
  { heading: 'MTU', cell: ({ mtu }) => mtu },
  { heading: 'Address', cell: ({ address }) => address },
  { heading: 'MAC', cell: ({ mac }) => mac },
  { heading: 'Problem', cell: ({ problem }) => problem },
];

const tones: Readonly<Record<Path['verdict'], Tone | undefined>> = {
  ...{ reachable: 'good', unreachable: 'bad', unknown: undefined },
};

/** One line a hop, then the verdict, and what packets have proved. */
export function pathText(
  { path, proof }: { readonly path: Path; readonly proof: Proof | undefined },
  paint: Paint,
): string {
  const { hops, verdict, reason, isOneWay, warnings } = path;
  const kinds = Math.max(0, ...hops.map(({ kind }) => kind.length));
  const names = Math.max(0, ...hops.filter(isShort).map(({ name }) => printable(name).length));
  const lines = hops.map((hop) => {
    const line = [hop.kind.padEnd(kinds), printable(hop.name).padEnd(isShort(hop) ? names : 0), ...factsOf(hop)];
    if (hop.problem === undefined) return line.join('  ').trimEnd();
    const isSaid = hop.problem === reason || hop.problem.includes(hop.name);
    return [line.join('  ').trimEnd(), paint('bad', '!'), ...(isSaid ? [] : [printable(hop.problem)])].join('  ');
  });
  const answer = `${paint(tones[verdict], isOneWay ? 'one-way' : verdict)}: ${printable(reason)}`;
  const proved = proof === undefined ? [] : [`probe: ${proofText(proof, paint)}`];
  return [
    ...lines,
    answer,
    ...proved,
    ...warnings.map((text) => `${paint('warning', 'warning')}: ${printable(text)}`),
  ].join('\n');
}

const answers: Readonly<Record<Proof['answer'], string>> = {
  answered: 'packets are answered',
  arrived: 'packets arrive, and are not answered',
  neighbor: 'ARP is answered, other packets are not',
  silent: 'packets are not answered',
  busy: 'no packets were sent: all addresses that were tried are in use',
  'not tried': 'no packets were sent',
};

function proofText({ address, answer, reason, agrees }: Proof, paint: Paint): string {
  const to = address === undefined ? '' : ` (${address})`;
  const why = reason === undefined ? '' : `: ${printable(reason)}`;
  const judgment = agrees === undefined ? '' : agrees ? ', which agrees' : `, ${paint('bad', 'which disagrees')}`;
  return `${answers[answer]}${to}${why}${judgment}`;
}

/** Rules are sentences, behind which nothing is aligned. */
function isShort({ kind }: Hop): boolean {
  return kind !== 'firewall' && kind !== 'nat' && kind !== 'route' && kind !== 'forward';
}

function factsOf({ kind, name, address, mac, vlan, mtu }: Hop): readonly string[] {
  const via = kind === 'route' ? 'via ' : kind === 'nat' || kind === 'forward' ? 'to ' : '';
  return [
    ...(address === undefined || address === name ? [] : [`${via}${address}`]),
    ...(mac === undefined ? [] : [printable(mac)]),
    ...(vlan === undefined ? [] : [`VLAN ${String(vlan)}`]),
    ...(mtu === undefined ? [] : [`MTU ${String(mtu)}`]),
  ];
}
