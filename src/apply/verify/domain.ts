/** Readings for what changes of domains and their NICs promise. */
import { unlessMissing } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { DomainRecord } from '../../libvirt/records.ts';
import type { NicExpectation } from '../../plan/step.ts';
import { slotOf } from '../../state/nics.ts';
import { rootPorts } from '../../state/pci-slots.ts';
import { lazyDomain } from '../../xml/lazy-domain.ts';
import type { Interface } from '../../xml/interface.ts';
import { missingMaster } from './host.ts';
import { missingPortVlans } from './port-vlans.ts';
import { readDomain, readNetwork } from './reading.ts';
import type { Expected, ReadingRows } from './row.ts';

export const domainReadings: ReadingRows<'domain' | 'rootPorts' | 'nic' | 'plugged' | 'portVlans'> = {
  domain: {
    missing: missingFromDomain,
    subjects: readDomain,
    waitsForGuest: ({ active }) => active === false,
  },
  rootPorts: { missing: missingRootPorts, subjects: readDomain },
  nic: {
    missing: missingFromNic,
    subjects: readDomain,
    waitsForGuest: ({ live }) => live === false,
  },
  plugged: {
    missing: missingFromPort,
    subjects: async (connection, { network, domain }) => ({
      ...(network === undefined ? {} : await readNetwork(connection, { network })),
      ...(await readDomain(connection, { domain })),
    }),
  },
  portVlans: { missing: missingPortVlans, subjects: readDomain },
};

async function missingFromDomain(connection: Connection, expected: Expected<'domain'>): Promise<string | undefined> {
  const found = await unlessMissing(connection.call('getDomain', { domain: expected.domain }));
  const { active, paused, defined, autostart } = expected;
  if (defined === false && found?.persistent) return 'the domain is still defined';
  // A transient domain vanishes when it stops.
  if (!found) return active || defined || paused || autostart ? 'the domain does not exist' : undefined;
  if (defined === true && !found.persistent) return 'the domain is not defined';
  if (active !== undefined && found.active !== active) {
    return active ? 'the domain is not running' : 'the domain is still running';
  }
  if (paused !== undefined && (found.state === 'paused') !== paused) {
    return `the domain is ${paused ? found.state : 'still paused'}`;
  }
  if (autostart !== undefined && found.autostart !== autostart) return `autostart is ${found.autostart ? 'on' : 'off'}`;
  return undefined;
}

async function missingFromNic(connection: Connection, expected: Expected<'nic'>): Promise<string | undefined> {
  const found = await unlessMissing(connection.call('getDomain', { domain: expected.domain }));
  if (!found) return 'the domain does not exist';
  return (
    missingFromScope('running domain', liveNics(found), expected, expected.live) ??
    missingFromScope('configuration', configNics(found), expected, expected.config)
  );
}

function liveNics(domain: DomainRecord): readonly Interface[] {
  return domain.active ? lazyDomain(domain.xml).interfaces : [];
}

function configNics(domain: DomainRecord): readonly Interface[] {
  return domain.inactiveXml === undefined ? [] : lazyDomain(domain.inactiveXml).interfaces;
}

function missingFromScope(
  scope: string,
  nics: readonly Interface[],
  { mac, slot }: Expected<'nic'>,
  expected: NicExpectation | false | undefined,
): string | undefined {
  if (expected === undefined) return undefined;
  const nic = nics.find((each) => each.mac?.address === mac && (slot === undefined || slotOf(each) === slot));
  if (expected === false) return nic ? `the NIC ${mac} is still in the ${scope}` : undefined;
  if (!nic) return `the NIC ${mac} is not in the ${scope}`;
  const sources = [nic.source?.network, nic.source?.bridge, nic.source?.dev];
  if (expected.source !== undefined && !sources.includes(expected.source)) {
    return `the NIC ${mac} of the ${scope} is not attached to ${expected.source}`;
  }
  const link = nic.link?.state ?? 'up';
  return expected.link !== undefined && link !== expected.link
    ? `the link of the NIC ${mac} of the ${scope} is ${link}`
    : missingRate(nic, expected);
}

/** In words; undefined when the limits are as expected, or are not looked at. */
function missingRate(nic: Interface, { rate }: NicExpectation): string | undefined {
  if (!rate) return undefined;
  const ways = [
    ['in', nic.bandwidth?.inbound],
    ['out', nic.bandwidth?.outbound],
  ] as const;
  const floor = Number(nic.bandwidth?.inbound?.floor ?? 0) || null;
  if (rate.floor !== undefined && rate.floor !== floor) return `the floor is ${String(floor ?? 'none')}`;
  const wrong = ways.find(([way, limit]) => (Number(limit?.average ?? 0) || null) !== rate[way]);
  return wrong && `the limit of ${wrong[0]} is ${String(wrong[1]?.average ?? 'none')}`;
}

/** Describes the difference; undefined if the configuration has exactly this number of pcie-root-ports. */
async function missingRootPorts(
  connection: Connection,
  { domain, count }: Expected<'rootPorts'>,
): Promise<string | undefined> {
  const { inactiveXml } = await connection.call('getDomain', { domain });
  const found = inactiveXml === undefined ? 0 : rootPorts(lazyDomain(inactiveXml));
  return found === count ? undefined : `the configuration has ${String(found)} pcie-root-ports, not ${String(count)}`;
}

/**
 * Compares libvirt's record of the port and the kernel's of the bridge: domiflist shows neither after a
 * network's restart.
 */
async function missingFromPort(connection: Connection, expected: Expected<'plugged'>): Promise<string | undefined> {
  const { mac, slot, network, bridge } = expected;
  const { xml } = await connection.call('getDomain', { domain: expected.domain });
  const nics = lazyDomain(xml).interfaces.filter((nic) => nic.mac?.address === mac);
  const nic = nics.length > 1 && slot !== undefined ? nics.find((each) => slotOf(each) === slot) : nics[0];
  if (nic === undefined) return `the NIC ${mac} does not exist`;
  if (network !== undefined) {
    const ports = await connection.call('listNetworkPorts', { network });
    if (!ports.some(({ uuid }) => uuid === nic.source?.portid)) return `the network has no port for the NIC ${mac}`;
  }
  const tap = nic.target?.dev;
  if (bridge === undefined || tap === undefined) return undefined;
  return missingMaster({ link: tap, master: bridge });
}
