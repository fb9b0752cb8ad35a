/** Reads what plans of port forwards and source NAT are made of. */
import { readFileSync } from 'node:fs';
import { KvmnetError } from '../errors.ts';
import { backendOf } from '../firewall/nat-home.ts';
import type { FileNow, NatFacts } from '../firewall/nat-facts.ts';
import { natFiles, natPath, rulePaths, type NatTemplates } from '../firewall/nat-files.ts';
import { localDevices, noRules } from '../firewall/nat.ts';
import type { Table } from '../firewall/ruleset.ts';
import { readNat } from '../firewall/nat-read.ts';
import { readConfigFile } from '../host/files/config-write.ts';
import { isHookUnnoticed } from '../host/hooks.ts';
import { readPackaged } from '../host/packaged.ts';
import { readSysctls } from '../host/kernel.ts';
import { readListeners } from '../host/listeners.ts';
import { isInstalled } from '../host/programs.ts';
import type { RunOptions } from '../host/run.ts';
import type { Route } from '../records/link.ts';
import type { Listener } from '../records/listener.ts';
import { natBackends, type NatBackend, type NatRules } from '../records/nat.ts';
import type { HostState } from '../state/state.ts';
import { isDefaultRoute } from '../values/route.ts';
import { deviceSetting, forwardingSetting } from '../values/sysctl.ts';
import { hostTarget } from './host-target.ts';
import { observeTables } from './packet-host.ts';
import { isLocal } from './uri.ts';

/**
 * @param uri of the connection, whose host is asked
 * @param rules where they are read already
 * @throws CONFLICT where the file of the forwards cannot be read; KvmnetError where the rules may not be read: only root may
 */
export async function observeNat(
  uri: string,
  { routes }: HostState,
  onRun?: RunOptions['onRun'],
  rules: Promise<readonly Table[]> = observeTables(uri, onRun),
): Promise<NatFacts> {
  const options = { on: hostTarget(uri), onRun };
  const reading = readFiles(options);
  const [tables, files, sysctls] = await Promise.all([
    rules,
    reading,
    reading.then((read) => readSysctls(settingsOf(readNat(read.get(natPath)?.text), routes ?? []), options)),
  ]);
  const templates = readTemplates();
  return {
    rules: readNat(files.get(natPath)?.text),
    backend: backendOf(tables) ?? backendOfFiles(files) ?? installedBackend(options),
    ...{ tables, sysctls, files, templates },
    isHookUnnoticed: options.on === undefined && isHookUnnoticed(),
  };
}

/** The settings that plans may change. A target is behind a device that a route leads to. */
function settingsOf({ forwards }: NatRules, routes: readonly Route[]): readonly string[] {
  const targets = new Set([...localDevices(forwards), ...routes.flatMap(({ dev }) => dev ?? [])]);
  return [
    ...Object.values(forwardingSetting),
    ...[...targets].map((name) => deviceSetting(name, 'route_localnet')),
    ...advertised(routes).map((name) => deviceSetting(name, 'accept_ra')),
  ];
}

/** Devices with a default route that a router has advertised. @see RFC 4861, section 6.3.4 */
function advertised(routes: readonly Route[]): readonly string[] {
  return routes.flatMap((route) => (isDefaultRoute(route) && route.protocol === 'ra' ? (route.dev ?? []) : []));
}

/** The ports of the host on which processes listen. */
export async function observeListeners(uri: string, onRun?: RunOptions['onRun']): Promise<readonly Listener[]> {
  return readListeners({ on: hostTarget(uri), onRun });
}

/** The forwards and source NAT of this machine, for other purposes; none where they cannot be read, by other users than root among them. */
export function keptNat(uri: string): NatRules {
  if (!isLocal(uri)) return noRules;
  try {
    return readNat(readFileSync(natPath, 'utf8'));
  } catch {
    return noRules;
  }
}

/** The same, also of a host that ssh reaches. */
export async function observeKeptNat(uri: string, onRun?: RunOptions['onRun']): Promise<NatRules> {
  if (isLocal(uri)) return keptNat(uri);
  try {
    const file = await readConfigFile({ path: natPath }, { on: hostTarget(uri), onRun });
    return readNat(file?.text);
  } catch (error) {
    if (!(error instanceof KvmnetError)) throw error;
    return noRules;
  }
}

/** libvirt's rules are gone, but it has had some when the files were written. */
function backendOfFiles(files: ReadonlyMap<string, FileNow>): NatBackend | undefined {
  return natBackends.find((backend) => rulePaths[backend].some((path) => files.has(path)));
}

/** Where libvirt has no rules yet: one of its networks that starts makes them. */
function installedBackend({ on }: RunOptions): NatBackend {
  return on !== undefined || isInstalled('iptables-restore') ? 'iptables' : 'nftables';
}

async function readFiles(options: RunOptions): Promise<ReadonlyMap<string, FileNow>> {
  const paths = natFiles(noRules, { backend: 'nftables', templates: { hook: '', unit: '' }, sysctls: {} });
  const read = await Promise.all(
    paths.map(async ({ path }) => [path, await readConfigFile({ path }, options)] as const),
  );
  return new Map(read.flatMap(([path, file]) => (file === undefined ? [] : [[path, file] as const])));
}

function readTemplates(): NatTemplates {
  return { hook: readPackaged('nat/hook.sh'), unit: readPackaged('nat/kvmnet-nat.service') };
}
