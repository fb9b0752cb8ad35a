/** A libvirt error in the middle of a change -> what failed, why in plain words, and what to do next. */
import { readDistribution } from '../host/distribution.ts';
import { readLinks } from '../host/links/links.ts';
import { commandOf, readListeners } from '../host/listeners.ts';
import { isInstalled } from '../host/programs.ts';
import type { Connection } from '../libvirt/connection.ts';
import { LibvirtError, virErrors, type VirError } from '../libvirt/error.ts';
import { observe } from '../observe/observe.ts';
import { isLocal } from '../observe/uri.ts';
import { checkNetwork } from '../plan/network/check/network.ts';
import type { Action, Step } from '../plan/step.ts';
import { parseNetwork, type Network } from '../xml/network.ts';
import { causeOfFailedStart, type Cause } from './start-failure.ts';

/** Returns the error with its cause if the host shows one; errors that are not libvirt's are returned unchanged. */
export async function explain(step: Step, error: unknown, connection: Connection): Promise<unknown> {
  if (!(error instanceof LibvirtError)) return error;
  const cause = causeByErrno(error.virError) ?? (await causeByHost(step.do, connection)) ?? causeByText(error.message);
  const text = error.message.replaceAll(/\s+/g, ' ').trim();
  const message = cause === undefined ? `${step.title}: ${text}` : `${step.title}: ${cause.message}\nlibvirt: ${text}`;
  const hint = cause?.hint ?? error.hint ?? "the host's log may have more: journalctl -u libvirtd -u virtnetworkd";
  return new LibvirtError(error.virError, error.code, message, { hint, cause: error });
}

/** errno of the daemon's own files: its configuration, and what it writes for dnsmasq. Source: errno(3), Linux's numbers. */
export function causeByErrno({ code, int1 }: Pick<VirError, 'code' | 'int1'>): Cause | undefined {
  if (code !== virErrors.VIR_ERR_SYSTEM_ERROR) return undefined;
  switch (int1) {
    case 28: // ENOSPC
    case 122: // EDQUOT
      return {
        message: 'the disk of the host is full',
        hint: 'make room where libvirt keeps its files: df /etc/libvirt /var/lib/libvirt /run',
      };
    case 30: // EROFS
      return {
        message: 'the file system where libvirt keeps its files is read-only',
        hint: 'look for the reason with dmesg, and mount it writable: findmnt -T /etc/libvirt',
      };
    default:
      return undefined;
  }
}

/** Returns what blocks the start of a network; undefined for other actions, and if the host cannot be read. */
async function causeByHost(action: Action, connection: Connection): Promise<Cause | undefined> {
  if (action.call !== 'networkStart' && action.call !== 'networkCreate') return undefined;
  if (!isLocal(connection.uri)) return undefined;
  try {
    const network = await definition(action, connection);
    const [links, listeners, overlaps] = await Promise.all([
      readLinks(),
      readListeners().catch(() => []), // ss is of another package on some systems
      overlapsOf(network, connection),
    ]);
    return causeOfFailedStart({
      network,
      links,
      listeners: listeners.map((each) => ({ ...each, command: each.process ? commandOf(each.process.pid) : [] })),
      overlaps,
      isInstalled,
      distribution: readDistribution(),
    });
  } catch {
    return undefined; // An explanation that fails must not hide the error.
  }
}

async function definition(
  action: Extract<Action, { call: 'networkStart' | 'networkCreate' }>,
  connection: Connection,
): Promise<Network> {
  if (action.call === 'networkCreate') return parseNetwork(action.xml);
  const { xml, inactiveXml } = await connection.call('getNetwork', { network: action.network });
  return parseNetwork(inactiveXml ?? xml);
}

/** Conflicts of its addresses with what is active now. */
async function overlapsOf(network: Network, connection: Connection): Promise<readonly Cause[]> {
  const state = await observe(connection, { only: ['networks', 'host'], leases: false });
  const active = state.networks.filter((other) => other.active);
  return checkNetwork(network, { ...state, networks: active })
    .filter(({ severity, code, path }) => severity !== 'warning' && code === 'CONFLICT' && path.startsWith('ip'))
    .map(({ message, hint }) => ({ message, hint: hint ?? 'choose another subnet' }));
}

/** Of iptables, and of nft about libvirt's own table. */
const missingChain =
  /No chain\/target\/match by that name|nft [^']* libvirt_network [^]*Could not process rule: No such file or directory/;

/** Returns the cause from messages that the daemon's programs print in English in any locale: the last resort. */
export function causeByText(text: string): Cause | undefined {
  if (missingChain.test(text)) {
    return {
      message: "libvirt's firewall chains are missing: a program has flushed the rules (nft flush ruleset)",
      hint: 'restart the daemon, which recreates them: systemctl restart libvirtd (or virtnetworkd)',
    };
  }
  if (text.includes('firewalld is not active')) {
    return {
      message: 'its bridge is to be in a zone of firewalld, which does not run',
      hint: 'start it: systemctl start firewalld; or make the network without --zone',
    };
  }
  if (text.includes('until init PID is known')) {
    return {
      message: 'libvirt does not know the first process of the container: it missed the start',
      hint: 'stop the container and start it again: kvmnet vm stop NAME, kvmnet vm start NAME',
    };
  }
  const [, discipline] =
    /\(tc [^)]* (htb|sfq|ingress|police|fw)\b[^)]*\)[^]*(?:is unknown|not found|No such file|Failed to load)/.exec(
      text,
    ) ?? [];
  if (discipline !== undefined) {
    return {
      message: `the kernel of the host has no ${discipline}, and cannot limit a NIC without it`,
      hint:
        'load it: modprobe -a sch_htb sch_sfq sch_ingress cls_u32 cls_fw act_police; --config limits at the next boot, for which the kernel needs ' +
        'it too',
    };
  }
  const [, firewall, refusal] = /\/(iptables|ip6tables|ebtables|nft) -[^:]*: (.+)/s.exec(text) ?? [];
  if (firewall !== undefined && refusal !== undefined) {
    return {
      message: `${firewall} refused libvirt's firewall rules: ${oneLine(refusal)}`,
      hint: `try ${firewall} by hand, as root; the host's log has more: journalctl -u libvirtd -u virtnetworkd`,
    };
  }
  const [, status, words] = /\/dnsmasq [^)]*\) \D*(\d+)(?::\s*(.*))?$/s.exec(text) ?? [];
  if (status === undefined) return undefined;
  return {
    message: `dnsmasq, which serves DHCP and DNS, exited with status ${status}: ${oneLine(words ?? '') || 'it printed nothing'}`,
    hint: "the host's log has more: journalctl -t dnsmasq -u libvirtd -u virtnetworkd",
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
