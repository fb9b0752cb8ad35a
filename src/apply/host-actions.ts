/** Carries out the actions that libvirt has no call for, on its own host. */
import { KvmnetError, unlessMissing } from '../errors.ts';
import { writeConfigFile } from '../host/files/config-write.ts';
import { sendRelease } from '../host/dhcp-release.ts';
import { runIp } from '../host/links/ip.ts';
import { deleteBridge, endDnsmasq, setMaster } from '../host/leftovers.ts';
import { readLinksNamed, readRoutes } from '../host/links/links.ts';
import { changeLinkVlans } from '../host/links/port-vlans.ts';
import { deleteRules, doublesOf, isAbout, readRules, type RuleRecord } from '../host/rules.ts';
import { writeDnsScope } from '../host/links/resolved.ts';
import type { Connection } from '../libvirt/connection.ts';
import { hostTarget } from '../observe/host-target.ts';
import { isLocal } from '../observe/uri.ts';
import type { IpCommand, WantedLinks } from '../records/desired-link.ts';
import { commandsTo } from '../plan/host/wanted.ts';
import type { HostAction, RulesOf } from '../plan/step.ts';
import { setNicVlans } from './port-vlans.ts';

/**
 * @throws DEPENDENCY where the host is another machine; CONFLICT where what is to be removed belongs to an active network, or is not what
 * libvirt left
 */
export async function performOnHost(connection: Connection, action: HostAction): Promise<void> {
  switch (action.call) {
    case 'hostLinks':
      return runIp(action.commands, { on: hostTarget(connection.uri), netns: action.netns });
    case 'hostRestore':
      return runIp(await missingLinks(connection.uri, action.links), { on: hostTarget(connection.uri) });
    case 'hostWriteFile':
      return writeConfigFile(action, { on: hostTarget(connection.uri) });
    case 'hostSetDns':
      return writeDnsScope(action.dev, action.scope ?? undefined, { on: hostTarget(connection.uri) });
    case 'hostSetPortVlans':
      return setNicVlans(connection, action);
    case 'hostLinkVlans':
      return changeLinkVlans(action, { on: hostTarget(connection.uri) });
    default:
      return repair(connection, action);
  }
}

/** The commands that are missing to make links what they should be. */
export async function missingLinks(uri: string, wanted: WantedLinks, netns?: string): Promise<readonly IpCommand[]> {
  const options = { on: hostTarget(uri), netns };
  const needsRoutes = Object.values(wanted).some((link) => link?.routes !== undefined);
  const [links, routes] = await Promise.all([
    readLinksNamed(Object.keys(wanted), options),
    needsRoutes ? readRoutes(options) : [],
  ]);
  return commandsTo(wanted, { links, routes });
}

type Repair = Exclude<
  HostAction,
  { readonly call: 'hostLinks' | 'hostRestore' | 'hostWriteFile' | 'hostSetDns' | 'hostSetPortVlans' | 'hostLinkVlans' }
>;

async function repair(connection: Connection, action: Repair): Promise<void> {
  if (!isLocal(connection.uri)) {
    throw new KvmnetError('DEPENDENCY', `this has to be done on the host of ${connection.uri}`, {
      hint: 'run the same command there',
    });
  }
  switch (action.call) {
    case 'hostSetMaster':
      return setMaster(action.link, action.master);
    case 'hostEndLease':
      return sendRelease(action);
    case 'hostEndDnsmasq':
      await requireInactive(connection, action.network);
      endDnsmasq(action.name);
      return;
    case 'hostDeleteBridge':
      await requireInactive(connection, action.network);
      return deleteBridge(action.bridge, action.mac);
    case 'hostDeleteRules':
      if (action.only === 'all') await requireInactive(connection, action.network);
      return deleteRules(await rulesOf(action));
  }
}

/** The rules that are meant, as they are now. */
export async function rulesOf({ bridge, subnets, only }: RulesOf): Promise<readonly RuleRecord[]> {
  const found = ((await readRules())?.rules ?? []).filter((rule) => isAbout(rule, bridge, subnets));
  return only === 'doubles' ? doublesOf(found) : found;
}

/** Between plan and deed somebody may have started it. */
async function requireInactive(connection: Connection, network: string): Promise<void> {
  const found = await unlessMissing(connection.call('getNetwork', { network }));
  if (found?.active !== true) return;
  throw new KvmnetError('CONFLICT', `network ${found.name} is active by now: what is there is in use`, {
    hint: 'look again: kvmnet net heal --dry-run',
  });
}
