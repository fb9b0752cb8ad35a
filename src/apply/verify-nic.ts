/** What a reading lacks of a NIC's limits and of a domain's slots. */
import type { Connection } from '../libvirt/connection.ts';
import type { Expectation, NicExpectation } from '../plan/step.ts';
import { parseDomain } from '../xml/domain.ts';
import type { Interface } from '../xml/interface.ts';

/** In words; undefined when the limits are as expected, or are not looked at. */
export function missingRate(nic: Interface, { rate }: NicExpectation): string | undefined {
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

/** In words; undefined when the configuration has just so many pcie-root-ports. */
export async function missingRootPorts(
  connection: Connection,
  { domain, count }: Extract<Expectation, { expect: 'rootPorts' }>,
): Promise<string | undefined> {
  const { inactiveXml } = await connection.call('getDomain', { domain });
  const controllers = inactiveXml === undefined ? [] : parseDomain(inactiveXml).controllers;
  const found = controllers.filter(({ model }) => model === 'pcie-root-port').length;
  return found === count ? undefined : `the configuration has ${String(found)} pcie-root-ports, not ${String(count)}`;
}
