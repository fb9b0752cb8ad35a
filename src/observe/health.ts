/** The facts of health: ports from libvirt, processes, firewall rules and libvirt's own files from the host, where it is in sight. */
import { readDnsmasq, readDnsmasqOf } from '../host/dnsmasq.ts';
import { readDefinitionFiles } from '../host/leftovers.ts';
import { doublesOf, isAbout, readRules, readRulesOut, rulesIn, type RulesRecord } from '../host/rules.ts';
import type { RulesetText } from '../host/ruleset.ts';
import type { RunOptions } from '../host/run.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { HealthFacts, RuleCounts } from '../state/health.ts';
import { bridgeMadeFor } from '../state/membership.ts';
import type { NetworkState, State } from '../state/state.ts';
import { isLocal, isSession } from './uri.ts';

/** libvirt's first version that may write its rules for nftables: 10.4.0. */
const nftablesVersion = 10_004_000;

/** `quick`, for lists: only the firewall rules that let guests out, and no processes that no network has. */
export type HealthDetail = 'quick' | 'whole';

/**
 * Reads what a repair of networks needs in addition to the state: ports, dnsmasq processes, firewall rules, libvirt's own files.
 * @param onRun called after each program, for a log
 * @param ruleset the packet filter, if it was read already
 */
export async function observeHealth(
  connection: Connection,
  state: State,
  detail: HealthDetail,
  onRun?: RunOptions['onRun'],
  ruleset?: RulesetText,
): Promise<HealthFacts> {
  const isSystem = isLocal(connection.uri) && !isSession(connection.uri) && state.connection.hypervisor !== 'TEST';
  const isRouting = state.networks.some((network) => network.active && bridgeMadeFor(network) !== undefined);
  const { libvirtVersion } = state.connection;
  const out =
    detail === 'quick' && isSystem && isRouting
      ? readRulesOut({ onRun }, libvirtVersion >= nftablesVersion ? ['nftables', 'iptables'] : ['iptables'])
      : undefined;
  const ports = await readPorts(connection, state);
  if (!isSystem) return { ports };
  const active = state.networks.filter((network) => network.active);
  if (detail === 'quick') {
    const saved = new Set(state.networks.filter(({ persistent }) => persistent).map(({ name }) => name));
    const files = readDefinitionFiles((name) => !saved.has(name));
    return {
      ports,
      dnsmasq: readDnsmasqOf(state.networks.map(({ name }) => name)),
      files,
      rules: rulesOut(await out, state),
    };
  }
  const rules = ruleset === undefined ? await readRules({ onRun }) : rulesIn(ruleset);
  return {
    ports,
    dnsmasq: readDnsmasq(),
    files: readDefinitionFiles(),
    rules: rules && {
      broken: active.length === 0 ? [] : brokenChains(rules),
      counts: new Map(state.networks.map((network) => [network.uuid, countsOf(network, rules)])),
    },
  };
}

function rulesOut(rules: RulesRecord | undefined, { networks }: State): HealthFacts['rules'] {
  if (rules === undefined) return undefined;
  const { name, out } =
    rules.backend === 'nftables' ? { name: 'ip', out: 'guest_output' } : { name: 'ipv4 filter', out: 'LIBVIRT_FWO' };
  const counts = networks.map((network) => {
    const { all, doubles } = countsOf(network, rules);
    const forwards = countsOf(network, { ...rules, rules: rules.rules.filter(({ chain }) => chain === out) }).all > 0;
    return [network.uuid, { all, doubles, forwards, nat: undefined }] as const;
  });
  return { broken: rules.chains.length === 0 ? [`${name} ${out}`] : [], counts: new Map(counts) };
}

/** The ports of active networks: each network takes one more call. */
async function readPorts(
  connection: Connection,
  { networks, domains, connection: { hypervisor } }: State,
): Promise<HealthFacts['ports']> {
  if (hypervisor !== 'QEMU') return undefined;
  const used = new Set(
    domains
      .filter(({ active }) => active)
      .flatMap(({ domain }) => domain.interfaces.map(({ source }) => source?.network)),
  );
  const asked = networks.filter(
    (network) => network.active && used.has(network.name) && bridgeMadeFor(network) !== undefined,
  );
  const read = await Promise.all(
    asked.map(async ({ uuid }) => {
      const ports = await connection.call('listNetworkPorts', { network: uuid });
      return [uuid, new Set(ports.map((port) => port.uuid))] as const;
    }),
  );
  return new Map(read);
}

/** Chains that libvirt makes once, when its daemon starts: the first four it cannot do without. */
function brokenChains({ backend, chains, unreachable }: RulesRecord): readonly string[] {
  if (backend === 'nftables') return chains.length === 0 ? ['ip libvirt_network'] : [];
  const needed = ['INP', 'OUT', 'FWI', 'FWO', 'FWX'].map((chain) => `ipv4 filter LIBVIRT_${chain}`);
  return [...needed.filter((chain) => !chains.includes(chain)), ...unreachable];
}

const forwarding = {
  iptables: ['LIBVIRT_FWI', 'LIBVIRT_FWO', 'LIBVIRT_FWX'],
  nftables: ['guest_input', 'guest_output', 'guest_cross'],
} as const;

function countsOf(network: NetworkState, { rules, backend }: RulesRecord): RuleCounts {
  const bridge = bridgeMadeFor(network);
  if (bridge === undefined) return { all: 0, forwards: false, doubles: 0, nat: 0 };
  const subnets = ipv4Subnets(network);
  const ours = rules.filter((rule) => isAbout(rule, bridge, subnets));
  const isNat = ({ table, chain }: (typeof ours)[number]): boolean =>
    backend === 'iptables' ? table === 'nat' : chain === 'guest_nat';
  return {
    all: ours.length,
    forwards: forwarding[backend].every((chain) => ours.some((rule) => rule.chain === chain)),
    doubles: doublesOf(ours).length,
    nat: ours.filter(isNat).length,
  };
}

/** As firewall rules name them: `192.168.132.0/24`. */
function ipv4Subnets({ network }: NetworkState): readonly string[] {
  return network.ips.flatMap(({ address = '', netmask, prefix }) => {
    const value = bits(address);
    const length =
      prefix ?? (netmask === undefined ? undefined : bits(netmask)?.toString(2).replaceAll('0', '').length);
    if (value === undefined || length === undefined) return [];
    const first = length === 0 ? 0 : (value >>> (32 - length)) * 2 ** (32 - length);
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
    return [`${bytes.join('.')}/${String(length)}`];
  });
}

function bits(ipv4: string): number | undefined {
  const bytes = ipv4.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !(byte >= 0 && byte <= 255))) return undefined;
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
