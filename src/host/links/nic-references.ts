/** Settings that are bound to a NIC's name, and stay with it when its addresses move to a bridge. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseList } from './json.ts';
import { run } from '../run.ts';

/** Sentences for people, each with what to do about it; for a NIC of this machine. */
export async function nicReferences(nic: string, index: number, bridge: string): Promise<readonly string[]> {
  const [neighbors, rules] = await Promise.all([permanentNeighbors(nic), rulesOf(nic)]);
  return [
    ...managersOf(nic, index, bridge),
    ...settingsOf(nic, bridge),
    ...neighbors.map(
      (each) => `${each} stays a permanent neighbor of ${nic} only: ip neigh replace ${each} dev ${bridge}`,
    ),
    ...rules.map((rule) => `the rule "${rule}" names ${nic}, and no longer what comes in over ${bridge}`),
  ];
}

/** DHCP clients and network managers, which keep assigning their addresses to the NIC. */
function managersOf(nic: string, index: number, bridge: string): readonly string[] {
  const clients = commandLines().filter(
    ({ words }) => /^(dhclient|dhcpcd|udhcpc)$/.test(basename(words[0] ?? '')) && words.includes(nic),
  );
  const managers = [
    ...clients.map(({ pid, words }) => `${basename(words[0] ?? '')} (process ${String(pid)})`),
    ...(existsSync(`/run/systemd/netif/leases/${String(index)}`) ? ['systemd-networkd'] : []),
    ...(isNetworkManagers(index) ? ['NetworkManager'] : []),
  ];
  return managers.map(
    (who) =>
      `${who} still manages ${nic}, and may give it an address again: have it manage ${bridge} instead (kvmnet host persist)`,
  );
}

function commandLines(): readonly { readonly pid: number; readonly words: readonly string[] }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const words = read(`/proc/${name}/cmdline`)?.split('\0').slice(0, -1) ?? [];
      return words.length === 0 ? [] : [{ pid: Number(name), words }];
    });
}

/** Read from its own file of the device, with the origin of each setting. */
function isNetworkManagers(index: number): boolean {
  return /^managed=(1|true)/m.test(read(`/run/NetworkManager/devices/${String(index)}`) ?? '');
}

/** Settings below /proc/sys/net that decide what a device takes in; a new bridge has the defaults. */
const settings: readonly (readonly [family: string, names: readonly string[]])[] = [
  ['ipv4', ['rp_filter', 'forwarding', 'arp_ignore', 'arp_announce', 'arp_filter', 'proxy_arp', 'accept_source_route']],
  ['ipv6', ['accept_ra', 'autoconf', 'forwarding', 'use_tempaddr', 'addr_gen_mode', 'disable_ipv6', 'proxy_ndp']],
];

function settingsOf(nic: string, bridge: string): readonly string[] {
  const other = settings.flatMap(([family, names]) =>
    names.flatMap((name) => {
      const value = (device: string): string | undefined =>
        read(`/proc/sys/net/${family}/conf/${device}/${name}`)?.trim();
      const [own, usual] = [value(nic), value('default')];
      return own === undefined || own === usual ? [] : [`net.${family}.conf.${bridge}.${name}=${own}`];
    }),
  );
  if (other.length === 0) return [];
  return [`${nic} has settings of its own, and ${bridge} the usual ones: sysctl ${other.join(' ')}`];
}

async function permanentNeighbors(nic: string): Promise<readonly string[]> {
  const shown = await run('ip', ['-j', 'neighbour', 'show', 'dev', nic, 'nud', 'permanent']);
  const found = parseList(shown, 'ip') as readonly { dst?: string; lladdr?: string }[];
  return found.flatMap(({ dst, lladdr }) =>
    dst === undefined || lladdr === undefined ? [] : [`${dst} lladdr ${lladdr}`],
  );
}

/** Policy rules by the device that a packet comes in or goes out by. Source: ip-rule(8) */
async function rulesOf(nic: string): Promise<readonly string[]> {
  const shown = await Promise.all(['-4', '-6'].map((family) => run('ip', [family, 'rule', 'show'])));
  return shown
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes(` iif ${nic} `) || line.includes(` oif ${nic} `))
    .map((line) => line.replaceAll(/\s+/g, ' ').trim());
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
