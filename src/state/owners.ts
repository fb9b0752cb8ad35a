/** The owners of devices by their names, as one table: programs that create and remove their own devices. No manager of the host gets these. */
import { globMatches } from '../values/glob.ts';

interface Owner {
  readonly owner: string;
  /** Description of such a device: `a VM's, made by libvirt`. */
  readonly what: string;
  /** Shell patterns, as NetworkManager and systemd-networkd take them. */
  readonly names: readonly string[];
  /** These names are of bridges. */
  readonly isBridge?: boolean;
}

const hex = (count: number): string => '[0-9a-f]'.repeat(count);
/** OpenStack cuts the UUID of a network or port: 8 digits, a dash and 2 more. */
const uuid = '[0-9a-f]*-[0-9a-f][0-9a-f]';

const owners: readonly Owner[] = [
  { owner: 'libvirt', what: "a VM's, made by libvirt", names: ['vnet[0-9]*', 'macvtap[0-9]*'] },
  { owner: 'libvirt', what: "the bridge of a libvirt network's", names: ['virbr[0-9]*'], isBridge: true },
  { owner: 'Docker', what: "Docker's", names: ['docker[0-9]*', 'docker_gwbridge', `br-${hex(12)}`], isBridge: true },
  { owner: 'Podman', what: "Podman's", names: ['podman[0-9]*', 'cni-podman[0-9]*'], isBridge: true },
  { owner: 'Kubernetes', what: "Kubernetes'", names: ['cni[0-9]*', 'cbr[0-9]*', 'kube-bridge'], isBridge: true },
  {
    owner: 'Kubernetes',
    what: "Kubernetes'",
    names: ['kube-ipvs0', 'flannel.[0-9]*', 'flannel-*', 'cali[0-9a-f]*', 'cilium_*', 'lxc_health', 'weave'],
  },
  { owner: 'LXC', what: "LXC's", names: ['lxcbr[0-9]*'], isBridge: true },
  { owner: 'LXD', what: "LXD's", names: ['lxdbr[0-9]*'], isBridge: true },
  { owner: 'Incus', what: "Incus'", names: ['incusbr[0-9]*'], isBridge: true },
  { owner: 'OpenStack', what: "OpenStack's", names: [`brq${uuid}`, `qbr${uuid}`], isBridge: true },
  { owner: 'OpenStack', what: "OpenStack's", names: [`qvo${uuid}`, `qvb${uuid}`, `tap${uuid}`] },
  { owner: "Proxmox VE's firewall", what: "Proxmox VE's", names: ['fwbr[0-9]*i[0-9]*'], isBridge: true },
  { owner: 'Proxmox VE', what: "Proxmox VE's", names: ['fwpr[0-9]*p[0-9]*', 'fwln[0-9]*i[0-9]*', 'tap[0-9]*i[0-9]*'] },
  { owner: 'containers', what: "a container's", names: ['veth*'] },
];

/** The patterns of all names with an owner. */
export const foreignNames: readonly string[] = owners.flatMap(({ names }) => names);

function find(name: string, table: readonly Owner[]): Owner | undefined {
  return table.find(({ names }) => names.some((pattern) => globMatches(pattern, name)));
}

/** Returns the description of a device by its name, if it has an owner. */
export function ownerByName(name: string): string | undefined {
  return find(name, owners)?.what;
}

/** Whose bridges have names like this one; undefined: the administrator's. */
export function managerOf(bridge: string): string | undefined {
  const own = owners.filter(({ isBridge }) => isBridge === true);
  return find(bridge, own)?.owner;
}
