/** Names of packages and commands of package managers, by distribution. */

/** Package managers, with the distributions that use them, as os-release(5) has them in ID and ID_LIKE. */
const managers = {
  apt: {
    distributions: ['debian', 'ubuntu'],
    known: 'Debian, Ubuntu',
    install: 'apt-get install',
    upgrade: 'apt-get update && apt-get install --only-upgrade',
  },
  dnf: {
    distributions: ['fedora', 'rhel', 'centos'],
    known: 'Fedora, RHEL',
    install: 'dnf install',
    upgrade: 'dnf upgrade',
  },
  zypper: { distributions: ['suse', 'opensuse'], known: 'SUSE', install: 'zypper install', upgrade: 'zypper update' },
  pacman: { distributions: ['arch'], known: 'Arch Linux', install: 'pacman -S', upgrade: 'pacman -Syu' },
} as const;

type Manager = keyof typeof managers;

/** Names of packages by their contents. */
const packages = {
  dnsmasq: { apt: 'dnsmasq-base', dnf: 'dnsmasq', zypper: 'dnsmasq', pacman: 'dnsmasq' },
  iptables: { apt: 'iptables', dnf: 'iptables-nft', zypper: 'iptables', pacman: 'iptables' },
  libvirt: {
    apt: 'libvirt-daemon-system',
    dnf: 'libvirt-daemon-kvm',
    zypper: 'libvirt-daemon-qemu',
    pacman: 'libvirt',
  },
  virsh: { apt: 'libvirt-clients', dnf: 'libvirt-client', zypper: 'libvirt-client', pacman: 'libvirt' },
  'libvirt-daemon': { apt: 'libvirt-daemon', dnf: 'libvirt-daemon', zypper: 'libvirt-daemon', pacman: 'libvirt' },
} as const satisfies Readonly<Record<string, Readonly<Record<Manager, string>>>>;

export type Packaged = keyof typeof packages;

const managerNames = Object.keys(managers) as readonly Manager[];

/**
 * Returns the command line that installs or upgrades something.
 * @param distribution ID and ID_LIKE of os-release(5), the nearest first
 * @returns a comment for a shell if the package manager is unknown
 */
export function packageCommand(action: 'install' | 'upgrade', name: Packaged, distribution: readonly string[]): string {
  const uses = (each: Manager, id: string): boolean =>
    managers[each].distributions.some((known) => id === known || id.startsWith(`${known}-`));
  const manager = distribution.flatMap((id) => managerNames.filter((each) => uses(each, id)))[0];
  if (manager === undefined) return `# ${action} ${name} with the package manager of this system`;
  return `${managers[manager][action]} ${packages[name][manager]}`;
}

/** Returns the commands of all distributions, where the present one is not known: `apt-get install libvirt-clients (Debian, Ubuntu), …`. */
export function installCommands(name: Packaged): string {
  return new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(
    managerNames.map(
      (manager) => `${managers[manager].install} ${packages[name][manager]} (${managers[manager].known})`,
    ),
  );
}
