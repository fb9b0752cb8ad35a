/** Port forwards and source NAT as people and programs see them. */
import type { NatFacts } from '../../firewall/nat-facts.ts';
import { natStatuses, type NatStatus } from '../../firewall/nat-status.ts';
import { forwardText, sourceText, targetText } from '../../values/nat-text.ts';
import type { Forward, NatRules, SourceNat } from '../../records/nat.ts';
import { formatEndpoint, formatPorts } from '../../values/forward.ts';
import type { Column } from '../command.ts';

/** Fields as in `--json`. */
export interface ForwardView extends Omit<Forward, 'target'>, NatStatus {
  /** As `forward remove` takes it. */
  readonly name: string;
  readonly target: Forward['target'];
}

export function forwardViews({ rules, backend, tables }: NatFacts): readonly ForwardView[] {
  const { forwards } = natStatuses(rules, backend, tables);
  return rules.forwards.map((forward, index) => ({
    name: forwardText(forward),
    ...forward,
    ...statusAt(forwards, index),
  }));
}

export const forwardColumns: readonly Column<ForwardView>[] = [
  { heading: 'Listen', cell: ({ listen, dev }) => [listen.join(' '), dev].filter((part) => part).join(' ') || 'all' },
  { heading: 'Port', cell: ({ ports, protocol }) => `${formatPorts(ports)}/${protocol}` },
  { heading: 'VM', cell: ({ target }) => target.domain },
  { heading: 'Target', cell: ({ target }) => formatEndpoint(target.address, target.port) },
  { heading: 'Network', cell: ({ target }) => target.network, isSpare: true },
  inForceColumn(),
  { heading: 'Packets', cell: ({ packets }) => packets },
];

export interface SourceView extends SourceNat, NatStatus {}

export function sourceViews({ rules, backend, tables }: NatFacts): readonly SourceView[] {
  const { sources } = natStatuses(rules, backend, tables);
  return rules.sources.map((source, index) => ({ ...source, ...statusAt(sources, index) }));
}

function statusAt(statuses: readonly NatStatus[], index: number): NatStatus {
  return statuses[index] ?? { inForce: 'no', packets: 0 };
}

export const sourceColumns: readonly Column<SourceView>[] = [
  { heading: 'Subnet', cell: ({ subnet }) => subnet },
  { heading: 'Device', cell: ({ dev }) => dev },
  { heading: 'Source', cell: ({ to }) => to ?? 'masquerade' },
  inForceColumn(),
  { heading: 'Packets', cell: ({ packets }) => packets },
];

function inForceColumn(): Column<NatStatus> {
  return {
    heading: 'In force',
    cell: ({ inForce }) => inForce,
    tone: ({ inForce }) => (inForce === 'yes' ? undefined : 'bad'),
  };
}

/** One line for each forward. */
export function forwardLines(forwards: readonly Forward[]): string {
  return forwards.map((forward) => `${forwardText(forward)} is forwarded to ${targetText(forward)}`).join('\n');
}

export function sourceLines(sources: readonly SourceNat[]): string {
  return sources.map(sourceText).join('\n');
}

/** As `forward import` reads it. */
export function exportText({ forwards, sources }: NatRules): string {
  const lines = [
    ...forwards.map((forward) => `${forwardText(forward)} ${forwardTarget(forward)}`),
    ...sources.map(
      ({ subnet, dev, to }) =>
        `-A POSTROUTING -s ${subnet} -o ${dev} -j ${to === undefined ? 'MASQUERADE' : `SNAT --to-source ${to}`}`,
    ),
  ];
  return lines.join('\n');
}

/** A guest that was forwarded to by its name is looked for again by that. */
function forwardTarget({ target: { domain, address, port, reserved } }: Forward): string {
  return reserved && domain !== undefined ? `${domain}:${String(port)}` : formatEndpoint(address, port);
}
