/** The facts of health: ports from libvirt, processes, firewall rules and libvirt's own files from the host, where it is in sight. */
import { readDnsmasq, readDnsmasqOf } from '../host/dnsmasq.ts';
import { readDefinitionFiles } from '../host/leftovers.ts';
import { doublesOf, isAbout, readRules } from '../host/rules.ts';
import type { RunOptions } from '../host/run.ts';
import type { Connection } from '../libvirt/connection.ts';
import { addressesOf } from '../plan/network-address.ts';
import { bridgeMadeFor, type HealthFacts, type RuleFacts } from '../state/health.ts';
import type { NetworkState, State } from '../state/state.ts';
import { isLocal, isSession } from './uri.ts';

/** `quick`: what a list has time for, which is all but firewall rules, and processes that no network has. */
export type HealthLook = 'quick' | 'whole';

export async function observeHealth(
  connection: Connection,
  state: State,
  look: HealthLook,
  onRun?: RunOptions['onRun'],
): Promise<HealthFacts> {
  const ports = await readPorts(connection, state);
  const isSystem = isLocal(connection.uri) && !isSession(connection.uri) && state.connection.hypervisor !== 'TEST';
  if (!isSystem) return { ports };
  const active = state.networks.filter((network) => network.active);
  const files = readDefinitionFiles();
  if (look === 'quick') return { ports, dnsmasq: readDnsmasqOf(state.networks.map(({ name }) => name)), files };
  const rules = await readRules({ onRun });
  return {
    ports,
    dnsmasq: readDnsmasq(),
    files,
    rules: rules && {
      broken: active.length === 0 ? [] : brokenChains(rules),
      counts: new Map(state.networks.map((network) => [network.uuid, countsOf(network, rules, state)])),
    },
  };
}
