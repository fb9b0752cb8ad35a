/** The ways in which doctor.test.ts breaks a machine of the lab: modules, VLANs, bonds and packages, which a private host does not have. */
import type { Row } from '../../system/doctor/rows.ts';

const vlan = (parent: string, more = ''): string =>
  `ip link add link ${parent} name ${parent}.9 type vlan id 9 ${more}; ip link set ${parent}.9 up`;
const bridge = (name: string, ...ports: readonly string[]): string =>
  [`ip link add ${name} type bridge stp_state 0; ip link set ${name} up`]
    .concat(ports.map((port) => `ip link set ${port} up master ${name}`))
    .join('\n');
const remove = (...names: readonly string[]): string => names.map((name) => `ip link delete ${name}`).join('; ');

/** The machine has no VLANs yet, which go with their module. */
export const bareRows: readonly Row[] = [
  {
    code: 'vlan-unsupported',
    break: [
      'modprobe -r 8021q; mount -t tmpfs tmpfs /lib/modules; mkdir /lib/modules/0.0.1-newer',
      "mkdir -p /etc/network; printf 'auto eno3.9\\niface eno3.9 inet manual\\n' > /etc/network/interfaces",
    ].join('\n'),
    says: 'eno3.9 cannot be created',
    // As after a boot into the newer kernel.
    correct: 'umount /lib/modules',
    clean: 'rm /etc/network/interfaces',
  },
];

/** The network `keen` is defined, and eno3 is free. */
export const labRows: readonly Row[] = [
  {
    code: 'vlan-id-twice',
    break: `${bridge('br9', 'eno3')}\n${vlan('eno3')}\n${vlan('br9')}`,
    says: 'eno3.9 and br9.9 both take VLAN 9 of eno3',
    clean: remove('br9', 'eno3.9'),
  },
  {
    // The kernel takes a VLAN device down with its NIC, unless it is bound loosely.
    code: 'vlan-parent-down',
    break: `ip link set eno3 up\n${vlan('eno3', 'loose_binding on')}\nip link set eno3 down`,
    says: 'eno3.9 is up, but eno3 below it is down',
    clean: remove('eno3.9'),
  },
  {
    code: 'bond-without-monitor',
    break:
      'ip link add bond9 type bond mode active-backup miimon 0\nip link set eno3 down\nip link set eno3 master bond9\nip link set bond9 up',
    says: 'bond bond9 does not notice',
    clean: remove('bond9'),
  },
  {
    code: 'mtu-mismatch',
    break: [
      'ip link add bond9 type bond mode active-backup miimon 100',
      'ip link set eno3 down; ip link set eno3 master bond9; ip link set bond9 up',
      vlan('bond9'),
      bridge('br9', 'bond9.9'),
      'ip tuntap add tap9 mode tap; ip link set tap9 up master br9',
      'ip link set eno3 mtu 1400',
    ].join('\n'),
    says: 'tap9 sends frames of 1500 bytes to br9, but eno3 passes only 1400',
    clean: `${remove('br9', 'tap9', 'bond9')}; ip link set eno3 mtu 1500`,
  },
  {
    // UML's NICs have a carrier always; the cable of a dummy can be unplugged.
    code: 'bridge-without-carrier',
    break: `ip link add dm9 type dummy; ip link set dm9 up carrier off\n${vlan('dm9')}\n${bridge('br9', 'dm9.9')}`,
    says: 'br9: dm9 without a carrier',
    correct: 'ip link set dm9 carrier on',
    clean: remove('br9', 'dm9'),
  },
  { code: 'dnsmasq-missing', break: 'dpkg --remove --force-depends dnsmasq-base' },
  { code: 'firewall-program-missing', break: 'dpkg --remove --force-depends iptables nftables' },
  {
    // No release of the tests is a bad one: the number in its library is replaced by one, until the package is upgraded.
    code: 'known-bad-release',
    break: [
      `node -e '
        const [file, version] = process.argv.slice(1);
        const numbers = version.split(".").map(Number).reduce((all, each) => all * 1000 + each, 0);
        const bytes = (number) => { const all = Buffer.alloc(4); all.writeUInt32LE(number); return all; };
        const library = fs.readFileSync(file);
        let at = -1, count = 0;
        while ((at = library.indexOf(bytes(numbers), at + 1)) !== -1) { bytes(12001000).copy(library, at); count += 1; }
        if (count === 0) throw new Error("no number of a release in " + file);
        fs.unlinkSync(file); fs.writeFileSync(file, library);
      ' "$(realpath "$(ldconfig -p | awk '/libvirt.so.0 / {print $NF; exit}')")" "$(virsh --version)"`,
      'pkill -x libvirtd; while pidof libvirtd; do sleep 0.2; done; libvirtd --daemon; until virsh -q uri; do sleep 0.2; done',
    ].join('\n'),
    says: 'libvirt 12.1.0 crashes when a NIC of a hostdev network is attached',
  },
];
