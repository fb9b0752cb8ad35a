/** The addresses of a domain's NICs, each with its source. */
import { isLibvirtError } from '../../libvirt/error.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { definitionOf, nicsOf, sourceOf } from '../../state/nics.ts';
import type { DomainState, State } from '../../state/state.ts';
import type { Column } from '../command.ts';

export interface KnownAddress {
  readonly domain: string;
  readonly mac: string | undefined;
  /** What the NIC is plugged into. */
  readonly network: string | undefined;
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** `lease`: dnsmasq gave it; `agent`: the guest's own agent says so. */
  readonly source: 'lease' | 'agent';
  readonly hostname: string | undefined;
}

/** Leases of the networks by MAC: libvirt's own question by domain fails as a whole when one network is missing. */
export async function addressesOfDomain(
  connection: Connection,
  domain: DomainState,
  state: State,
): Promise<KnownAddress[]> {
  const leases = leasesOf(domain, state);
  const known = new Set(leases.map(({ mac }) => mac));
  const others = nicsOf(domain).filter(({ live, mac }) => live && !known.has(mac));
  return others.length === 0
    ? leases
    : [
        ...leases,
        ...(await askDriver(
          connection,
          domain,
          others.map(({ mac }) => mac),
        )),
      ];
}

function leasesOf(domain: DomainState, { networks }: State): KnownAddress[] {
  const all = networks.flatMap((network) =>
    (network.leases ?? []).map((lease) => ({ network: network.name, ...lease })),
  );
  return nicsOf(domain).flatMap((nic) =>
    all
      .filter(({ mac, network }) => mac === nic.mac && network === sourceOf(definitionOf(nic)))
      .map(({ network, address, family, hostname }) => ({
        domain: domain.name,
        mac: nic.mac,
        network,
        address,
        family,
        source: 'lease' as const,
        hostname,
      })),
  );
}

/** The driver's own knowledge: the guest agent where there is one, and the test driver's invented addresses. */
async function askDriver(
  connection: Connection,
  domain: DomainState,
  macs: readonly (string | undefined)[],
): Promise<KnownAddress[]> {
  const source = connection.uri.startsWith('test:') ? 'lease' : 'agent';
  if (!domain.active || (source === 'agent' && !domain.xml.includes('org.qemu.guest_agent.0'))) return [];
  try {
    const interfaces = await connection.call('domainAddresses', { domain: domain.uuid, source });
    return interfaces
      .filter(({ mac }) => macs.includes(mac))
      .flatMap(({ mac, addresses }) =>
        addresses.map(({ address, family }) => ({
          domain: domain.name,
          mac,
          network: undefined,
          address,
          family,
          source,
          hostname: undefined,
        })),
      );
  } catch (error) {
    if (isLibvirtError(error, ...noAnswer)) return [];
    throw error;
  }
}

const noAnswer = [
  'VIR_ERR_NO_SUPPORT',
  'VIR_ERR_OPERATION_UNSUPPORTED',
  'VIR_ERR_OPERATION_INVALID',
  'VIR_ERR_OPERATION_FAILED',
  'VIR_ERR_AGENT_UNRESPONSIVE',
  'VIR_ERR_ARGUMENT_UNSUPPORTED',
  'VIR_ERR_OPERATION_DENIED',
] as const;

export const addressColumns: readonly Column<KnownAddress>[] = [
  { heading: 'Domain', cell: ({ domain }) => domain },
  { heading: 'Address', cell: ({ address }) => address },
  { heading: 'MAC', cell: ({ mac }) => mac },
  { heading: 'Network', cell: ({ network }) => network },
  { heading: 'Source', cell: ({ source }) => source },
  { heading: 'Hostname', cell: ({ hostname }) => hostname },
];
