/** Checks of libvirt's daemons and of the programs that its networks need. */
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import type { NetworkState } from '../../state/state.ts';
import { servesDhcp, servesDns } from '../../state/network-services.ts';
import { packageCommand } from '../../values/packages.ts';
import { check, shell, type Check } from '../check.ts';
import { isModular, restartOfNetworks, startOfDaemons } from '../daemon-commands.ts';

const unreachable = check({
  code: 'libvirt-unreachable',
  severity: 'error',
  title: 'libvirt does not answer',
  explanation:
    'The daemon does not run, hangs, or its socket is disabled. Running guests continue, but their networks are neither managed nor repaired. Hosts have either the one daemon libvirtd, or a daemon for each driver: virtqemud, virtnetworkd and others.',
  example: 'systemctl enable --now libvirtd.socket',
  needs: ['daemons'],
  find: (facts) => {
    const { refusal, running, sockets } = facts.daemons;
    if (refusal === undefined || refusal.code === 'PERMISSION') return [];
    const hangs = running.length > 0 && refusal.code === 'TIMEOUT';
    return [
      {
        message: refusal.message,
        evidence: { running, sockets },
        remedy: hangs ? restartOfNetworks(facts.daemons) : startOfDaemons(facts.daemons),
      },
    ];
  },
});

const refused = check({
  code: 'libvirt-permission',
  severity: 'error',
  title: 'This user may not use libvirt',
  explanation:
    'The sockets of libvirt are open to root and, on most distributions, to the members of group libvirt. A new member has to log in again.',
  example: 'usermod --append --groups libvirt alice',
  needs: ['daemons'],
  find: ({ daemons: { refusal, user } }) =>
    refusal?.code === 'PERMISSION'
      ? [
          {
            message: refusal.message,
            evidence: { user },
            remedy: shell(`sudo usermod --append --groups libvirt ${user}`),
          },
        ]
      : [],
});

const mixed = check({
  code: 'daemons-mixed',
  severity: 'error',
  title: 'libvirtd and the daemons of single drivers run at the same time',
  explanation:
    'Both manage the same networks and guests without knowing of each other: each starts its own dnsmasq and writes its own rules. A host needs one or the other; see libvirt.org/daemons.html.',
  example: 'systemctl disable --now virtqemud.socket virtnetworkd.socket',
  needs: ['daemons'],
  find: ({ daemons: { running, hasSystemd } }) => {
    const single = running.filter((name) => name !== 'libvirtd' && name !== 'virtproxyd');
    if (!running.includes('libvirtd') || single.length === 0) return [];
    const units = single.flatMap((name) => [`${name}.socket`, `${name}.service`]);
    return [
      {
        message: `libvirtd runs, and so does ${single.join(', ')}`,
        evidence: { running },
        remedy: hasSystemd
          ? shell(`systemctl disable --now ${units.join(' ')}`)
          : shell(...single.map((name) => `pkill -x ${name}`)),
      },
    ];
  },
});

const noNetworkDaemon = check({
  code: 'network-daemon-missing',
  severity: 'error',
  title: 'virtqemud has no virtnetworkd for its networks',
  explanation:
    'On a host with a daemon for each driver, guests with NICs in networks can only start while virtnetworkd or its socket is active.',
  example: 'systemctl enable --now virtnetworkd.socket',
  needs: ['daemons'],
  find: (facts) => {
    const { running, sockets, hasSystemd } = facts.daemons;
    const isServed = running.includes('virtnetworkd') || sockets.includes('virtnetworkd-sock');
    if (!running.includes('virtqemud') || !isModular(facts.daemons) || isServed) return [];
    return [
      {
        message: 'virtqemud runs, but neither virtnetworkd nor its socket',
        evidence: { running, sockets },
        remedy: shell(hasSystemd ? 'systemctl enable --now virtnetworkd.socket' : 'virtnetworkd --daemon'),
      },
    ];
  },
});

/** Releases with errors that crash the daemon, from the first one up to the one that corrects it. @see https://libvirt.org/news.html */
const badReleases: readonly {
  readonly from: number;
  readonly before: number;
  readonly problem: string;
}[] = [
  { from: 12_001_000, before: 12_002_000, problem: 'crashes when a NIC of a hostdev network is attached' },
  { from: 10_004_000, before: 10_007_000, problem: 'crashes when a client lists host interfaces (CVE-2024-8235)' },
];

const badRelease = check({
  code: 'known-bad-release',
  severity: 'warning',
  title: 'This release of libvirt has an error that crashes its daemon',
  explanation:
    'libvirt 12.1 crashes when a NIC of a hostdev network is attached (corrected in 12.2), and libvirt 10.4 to 10.6 when a client lists host interfaces (CVE-2024-8235, corrected in 10.7). Your distribution may have corrected it without another version number.',
  example: 'apt-get update && apt-get install --only-upgrade libvirt-daemon && systemctl restart libvirtd',
  needs: ['libvirt', 'daemons'],
  find: ({ libvirt, daemons }) => {
    const version = libvirt.connection.libvirtVersion;
    return badReleases
      .filter(({ from, before }) => from <= version && version < before)
      .map(({ problem, before }) => ({
        message: `libvirt ${versionText(version)} ${problem}; ${versionText(before)} does not`,
        evidence: { version: versionText(version) },
        remedy: shell(
          packageCommand('upgrade', 'libvirt-daemon', daemons.distribution),
          restartOfNetworks(daemons).command,
        ),
      }));
  },
});

function versionText(version: number): string {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000].join('.');
}

const dnsmasqMissing = check({
  code: 'dnsmasq-missing',
  severity: 'error',
  title: 'dnsmasq is not installed, but networks need it',
  explanation: 'libvirt serves DHCP and DNS with dnsmasq. Without it, networks with an address do not start.',
  example: 'apt-get install dnsmasq-base',
  needs: ['programs', 'libvirt', 'daemons'],
  find: ({ programs, libvirt, daemons }) => {
    const networks = libvirt.networks.filter(({ network }) => servesDns(network) || servesDhcp(network));
    if (programs.has('dnsmasq') || networks.length === 0) return [];
    return [
      {
        message: 'the program dnsmasq is not installed, and libvirt serves DHCP and DNS with it',
        evidence: { networks: networks.map(({ name }) => name) },
        remedy: shell(packageCommand('install', 'dnsmasq', daemons.distribution)),
      },
    ];
  },
});

const firewallMissing = check({
  code: 'firewall-program-missing',
  severity: 'error',
  title: 'Neither iptables nor nft is installed, but networks need one',
  explanation:
    'libvirt writes the rules of NAT, routed and isolated networks with iptables, from 10.4 on also with nft. Without them these networks do not start.',
  example: 'apt-get install iptables',
  needs: ['programs', 'libvirt', 'daemons'],
  find: ({ programs, libvirt, daemons }) => {
    const networks = libvirt.networks.filter(hasRules);
    if (programs.has('iptables') || programs.has('nft') || networks.length === 0) return [];
    return [
      {
        message: 'neither iptables nor nft is installed, and libvirt writes its firewall rules with them',
        evidence: { networks: networks.map(({ name }) => name) },
        remedy: shell(packageCommand('install', 'iptables', daemons.distribution)),
      },
    ];
  },
});

function hasRules({ network }: NetworkState): boolean {
  const kind = kindOf(network);
  return isVirtual(kind) && kind !== 'open';
}

export const daemonChecks: readonly Check[] = [
  unreachable,
  refused,
  mixed,
  noNetworkDaemon,
  badRelease,
  dnsmasqMissing,
  firewallMissing,
];
