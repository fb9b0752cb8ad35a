/** libvirt's daemons on a host, and the programs that its networks need. */

export interface DaemonRecord {
  /** Names of the daemons that run: `libvirtd`, `virtnetworkd`, …; each once. */
  readonly running: readonly string[];
  /** Names of the daemons that are installed. */
  readonly installed: readonly string[];
  /** Of /run/libvirt, without the directory: `libvirt-sock`, `virtnetworkd-sock`, … */
  readonly sockets: readonly string[];
  /** True if systemd manages the services of the host. */
  readonly hasSystemd: boolean;
  /** Why libvirt does not answer; undefined if it does. */
  readonly refusal: { readonly code: string; readonly message: string } | undefined;
  /** ID and ID_LIKE of os-release(5), the nearest first: `ubuntu`, `debian`. */
  readonly distribution: readonly string[];
  /** The name of the user that asks. */
  readonly user: string;
}

/** Programs that libvirt runs for its networks. */
export const networkPrograms = ['dnsmasq', 'nft', 'iptables', 'ip6tables', 'ebtables'] as const;

export type NetworkProgram = (typeof networkPrograms)[number];
