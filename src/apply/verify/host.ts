/** Readings for what changes of the host itself promise. */
import { readConfigFile } from '../../host/files/config-write.ts';
import { readDnsmasq } from '../../host/dnsmasq.ts';
import { readLinks, readLinksNamed, readRoutes } from '../../host/links/links.ts';
import { readNetnsNames } from '../../host/links/netns.ts';
import { readDnsScope } from '../../host/links/resolved.ts';
import { doublesOf, isAbout, readRules, type RuleRecord } from '../../host/rules.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { hostTarget } from '../../observe/host-target.ts';
import { isLocal } from '../../observe/uri.ts';
import { commandsTo } from '../../plan/host/wanted.ts';
import type { RulesOf } from '../../plan/step.ts';
import type { IpCommand, WantedLinks } from '../../records/desired-link.ts';
import { missingNat, missingSysctl } from './nat.ts';
import { missingLinkVlans } from './port-vlans.ts';
import { readFile, readLinkSubjects, readNothing } from './reading.ts';
import type { Expected, ReadingRows } from './row.ts';

type HostExpectation =
  'links' | 'netns' | 'dns' | 'file' | 'nat' | 'sysctl' | 'linkVlans' | 'master' | 'dnsmasq' | 'no bridge' | 'no rules';

export const hostReadings: ReadingRows<HostExpectation> = {
  links: { missing: missingFromLinks, subjects: readLinkSubjects },
  netns: { missing: missingNetns, subjects: readNothing },
  dns: { missing: missingDns, subjects: readNothing },
  file: { missing: missingFromFile, subjects: readFile },
  linkVlans: { missing: missingLinkVlans, subjects: readNothing },
  nat: { missing: missingNat, subjects: readNothing },
  sysctl: { missing: missingSysctl, subjects: readNothing },
  master: { missing: (_connection, expected) => missingMaster(expected), subjects: readNothing },
  dnsmasq: { missing: (_connection, expected) => Promise.resolve(missingDnsmasq(expected)), subjects: readNothing },
  'no bridge': { missing: bridgeStillPresent, subjects: readNothing },
  'no rules': { missing: (_connection, expected) => rulesStillPresent(expected), subjects: readNothing },
};

export async function missingMaster({
  link,
  master,
}: Pick<Expected<'master'>, 'link' | 'master'>): Promise<string | undefined> {
  const found = (await readLinks()).find(({ name }) => name === link);
  if (found === undefined) return `${link} is gone`;
  return found.master === master ? undefined : `${link} is not a port of ${master}`;
}

/** Describes the difference by the commands that are still needed. */
async function missingFromLinks(
  connection: Connection,
  { links, netns }: Expected<'links'>,
): Promise<string | undefined> {
  const [first] = await missingLinks(connection.uri, links, netns);
  return first && `this is still to be done: ip ${first.join(' ')}`;
}

async function missingNetns(
  connection: Connection,
  { netns, present }: Expected<'netns'>,
): Promise<string | undefined> {
  const names = await readNetnsNames({ on: hostTarget(connection.uri) });
  if (names.includes(netns) === present) return undefined;
  return `the network namespace ${netns} is ${present ? 'not there' : 'still there'}`;
}

async function missingDns(connection: Connection, { dev, scope }: Expected<'dns'>): Promise<string | undefined> {
  const found = await readDnsScope(dev, { on: hostTarget(connection.uri) });
  const { isDeepStrictEqual } = process.getBuiltinModule('node:util');
  return isDeepStrictEqual(found ?? null, scope) ? undefined : `systemd-resolved asks other name servers over ${dev}`;
}

async function missingFromFile(connection: Connection, expected: Expected<'file'>): Promise<string | undefined> {
  const { path, text, mode, owner, link } = expected;
  const found = await readConfigFile(expected, { on: hostTarget(connection.uri) });
  if (text === null) return found && `${path} still exists`;
  if (found === undefined) return `${path} does not exist`;
  if (found.text !== text) return `${path} is not what was written`;
  if (link !== undefined && found.link !== link) return `${path} is not a link to ${link}`;
  if (mode !== undefined && found.mode !== mode) return `${path} has the mode 0${found.mode.toString(8)}`;
  if (owner && !process.getBuiltinModule('node:util').isDeepStrictEqual(found.owner, owner))
    return `${path} belongs to another user or group`;
  return undefined;
}

function missingDnsmasq({ name, running }: Expected<'dnsmasq'>): string | undefined {
  const runs = readDnsmasq().some((each) => each.name === name);
  if (runs === running) return undefined;
  return running ? `no dnsmasq serves network ${name}` : `the dnsmasq of network ${name} still runs`;
}

async function bridgeStillPresent(
  connection: Connection,
  { bridge }: Expected<'no bridge'>,
): Promise<string | undefined> {
  if (!isLocal(connection.uri)) return undefined;
  return (await readLinks()).some(({ name }) => name === bridge) ? `the bridge ${bridge} is still there` : undefined;
}

async function rulesStillPresent(expected: Expected<'no rules'>): Promise<string | undefined> {
  const left = await rulesOf(expected);
  return left.length === 0 ? undefined : `${String(left.length)} firewall rules of ${expected.bridge} are still there`;
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

/** The rules that are meant, as they are now. */
export async function rulesOf({ bridge, subnets, only }: RulesOf): Promise<readonly RuleRecord[]> {
  const found = ((await readRules())?.rules ?? []).filter((rule) => isAbout(rule, bridge, subnets));
  return only === 'doubles' ? doublesOf(found) : found;
}
