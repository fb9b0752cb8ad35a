/** The ways in which tests break a private host, each with the check that has to find it. Lines are for bash. */

export interface Row {
  readonly code: string;
  readonly break: string;
  /** In place of the remedy, which names a line to write. */
  readonly correct?: string;
  /** Removes what the break and the remedy leave. */
  readonly clean?: string;
  /** What the sentence of a finding has to contain. */
  readonly says?: string;
}

/** An XML document for virsh, as a file that bash writes. */
export const given = (name: string, xml: string): string => `cat > /run/doctor/${name}.xml <<'END'\n${xml}\nEND`;

export const networkXml = (name: string, subnet: string, more = ''): string =>
  `<network><name>${name}</name><forward mode='nat'/><bridge name='${name}0' stp='off' delay='0'/>${more}` +
  `<ip address='${subnet}.1' netmask='255.255.255.0'><dhcp><range start='${subnet}.2' end='${subnet}.254'/></dhcp></ip></network>`;

export const domainXml = (name: string, nics: string): string =>
  `<domain type='qemu'><name>${name}</name><memory unit='MiB'>16</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>` +
  `<devices>${nics}</devices></domain>`;

export const nicIn = (network: string, mac: string): string =>
  `<interface type='network'><mac address='52:54:00:d0:c0:${mac}'/><source network='${network}'/></interface>`;
const nicOn = (bridge: string, mac: string): string =>
  `<interface type='bridge'><mac address='52:54:00:d0:c0:${mac}'/><source bridge='${bridge}'/></interface>`;

const define = (name: string, nics: string): string =>
  `${given(name, domainXml(name, nics))}\nvirsh -q define /run/doctor/${name}.xml`;
const undefine = (name: string): string => `virsh -q undefine ${name}`;
const network = (xml: string, name: string, how = 'net-define'): string =>
  `${given(name, xml)}\nvirsh -q ${how} /run/doctor/${name}.xml`;
const removeNetwork = (name: string): string =>
  `virsh -q net-destroy ${name} 2>/dev/null; virsh -q net-undefine ${name}`;

/** A cable with both ends on the host, up, of which the first end is called `name`. */
const cable = (name: string): string =>
  `ip link add ${name} type veth peer name ${name}p\nip link set ${name} up\nip link set ${name}p up`;
const bridge = (name: string): string => `ip link add ${name} type bridge stp_state 0\nip link set ${name} up`;
const removeLinks = (...names: readonly string[]): string => names.map((name) => `ip link delete ${name}`).join('\n');

/** The network `keen` is active and has autostart; the VM `off` has a NIC in it, and `run` another one. */
export const stateRows: readonly Row[] = [
  {
    code: 'libvirt-unreachable',
    break: 'pkill -x libvirtd; while pidof libvirtd; do sleep 0.1; done',
    says: 'no daemon answers',
  },
  { code: 'network-bridge-gone', break: 'ip link delete keen0' },
  {
    code: 'guests-cut-off',
    break: 'virsh -q net-destroy keen; virsh -q net-start keen',
    says: '1 NIC is cut off: run',
  },
  {
    code: 'dnsmasq-died',
    break: 'pkill -f [d]nsmasq/keen.conf; while pgrep -f [d]nsmasq/keen.conf; do sleep 0.1; done',
  },
  { code: 'network-rules-gone', break: 'iptables -F LIBVIRT_FWO' },
  { code: 'network-rules-twice', break: 'iptables $(iptables -S LIBVIRT_FWO | grep -m1 keen0)' },
  { code: 'libvirt-chains-gone', break: 'iptables -D FORWARD -j LIBVIRT_FWO' },
  {
    code: 'network-left-behind',
    break: [
      network(networkXml('left', '192.168.213'), 'left'),
      'virsh -q net-start left; pkill -KILL -x libvirtd; while pidof libvirtd; do sleep 0.1; done',
      'rm /run/libvirt/network/left.xml; sleep 0.3; until libvirtd --daemon; do sleep 0.2; done',
      'until virsh -q uri; do sleep 0.1; done',
    ].join('\n'),
    clean: `virsh -q net-destroy left 2>/dev/null; virsh -q net-undefine left`,
  },
  {
    code: 'definition-lost',
    break: [
      network(
        networkXml('lost', '192.168.213', '<uuid>5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7d0c</uuid>'),
        'lost',
        'net-create',
      ),
      'virsh net-dumpxml lost > /etc/libvirt/qemu/networks/lost.xml',
    ].join('\n'),
    clean: removeNetwork('lost'),
  },
  {
    code: 'definition-not-saved',
    break: `sed -i 's/192.168.210.254/192.168.210.250/' /etc/libvirt/qemu/networks/keen.xml`,
  },
  {
    code: 'network-forgotten',
    break:
      given('gone', networkXml('gone', '192.168.213', '<uuid>5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7d0b</uuid>')) +
      '\ncp /run/doctor/gone.xml /etc/libvirt/qemu/networks/gone.xml',
    clean: removeNetwork('gone'),
  },
  { code: 'nic-without-network', break: 'virsh -q net-destroy keen' },
  {
    code: 'waiting-network-left',
    break: network(`<network><name>kvmnet-refuge</name><bridge name='waits0'/></network>`, 'waits', 'net-create'),
  },
];

/** A machine with PCI Express whose only port is taken. */
const tight = domainXml(
  'tight',
  "<controller type='pci' index='1' model='pcie-root-port'/><controller type='usb' model='none'/><memballoon model='none'/>" +
    nicIn('keen', '30').replace('</interface>', "<model type='virtio'/></interface>"),
).replace("machine='pc'", "machine='q35'");

export const definitionRows: readonly Row[] = [
  { code: 'network-inactive', break: 'virsh -q net-destroy other', says: 'idle cannot start' },
  { code: 'network-without-autostart', break: 'virsh -q net-autostart keen --disable', says: 'off, run need it' },
  {
    code: 'vm-autostart-without-network',
    break: 'virsh -q net-autostart keen --disable; virsh -q autostart off',
    clean: 'virsh -q autostart off --disable',
  },
  {
    code: 'network-missing',
    break: define('lonely', nicIn('nosuch', '21')),
    clean: `${undefine('lonely')}; ${removeNetwork('nosuch')}`,
  },
  {
    code: 'network-transient',
    break: `${network(networkXml('brief', '192.168.213'), 'brief', 'net-create')}\n${define('lonely', nicIn('brief', '21'))}`,
    clean: `${undefine('lonely')}; ${removeNetwork('brief')}`,
  },
  {
    code: 'network-change-pending',
    break: `virsh -q net-update other add dns-host "<host ip='192.168.211.9'><hostname>nine</hostname></host>" --config`,
    clean: `virsh -q net-update other delete dns-host "<host ip='192.168.211.9'/>" --live --config`,
  },
  {
    code: 'network-host-bridge-missing',
    break: network(`<network><name>outer</name><forward mode='bridge'/><bridge name='br9'/></network>`, 'outer'),
    clean: `${removeNetwork('outer')}; ${removeLinks('br9')}`,
  },
  {
    code: 'network-nic-missing',
    break: `${cable('up9')}\n${network(networkXml('outer', '192.168.213').replace("mode='nat'", "mode='nat' dev='nosuch9'"), 'outer')}`,
    clean: `${removeNetwork('outer')}; ${removeLinks('up9')}`,
  },
  {
    code: 'subnet-overlap',
    break: `${cable('vpn9')}\nip route add 192.168.213.0/25 dev vpn9\n${network(networkXml('over', '192.168.213'), 'over')}`,
    says: 'the route 192.168.213.0/25 dev vpn9',
    clean: `${removeNetwork('over')}; ${removeLinks('vpn9')}`,
  },
  {
    code: 'reservation-outside-subnet',
    break: network(
      networkXml('outer', '192.168.213').replace('</dhcp>', "<host mac='52:54:00:d0:c0:77' ip='192.168.99.7'/></dhcp>"),
      'outer',
    ),
    clean: removeNetwork('outer'),
  },
  {
    code: 'dhcp-range-full',
    break: [
      network(
        networkXml('full', '192.168.213')
          .replace('.213.254', '.213.2')
          .replace('</dhcp>', "<host mac='52:54:00:d0:c0:77' ip='192.168.213.2'/></dhcp>"),
        'full',
      ),
      'virsh -q net-start full',
    ].join('\n'),
    clean: removeNetwork('full'),
  },
  {
    code: 'lease-stale',
    break: [
      'ip netns add stale',
      'ip link add stale0 type veth peer name stale1 netns stale',
      'ip link set dev stale0 up master keen0',
      'ip -n stale link set dev stale1 up address 52:54:00:d0:c0:66',
      'ip netns exec stale $LAB/busybox udhcpc -i stale1 -n -q -f -s /bin/true',
      'ip netns delete stale',
    ].join('\n'),
    clean: 'ip link delete stale0',
  },
  { code: 'mac-twice', break: define('copy', nicIn('keen', '01')), says: 'off', clean: undefine('copy') },
  {
    code: 'nic-bridge-missing',
    break: define('lonely', nicOn('br9', '21')),
    clean: `${undefine('lonely')}; ${removeLinks('br9')}`,
  },
  {
    code: 'nic-parent-missing',
    break: [
      cable('up9'),
      define(
        'lonely',
        "<interface type='direct'><mac address='52:54:00:d0:c0:21'/><source dev='nosuch9' mode='bridge'/></interface>",
      ),
    ].join('\n'),
    clean: `${undefine('lonely')}; ${removeLinks('up9')}`,
  },
  {
    code: 'pci-slots-used-up',
    break: `${given('tight', tight)}\nvirsh -q define /run/doctor/tight.xml; virsh -q start tight --paused`,
    clean: 'virsh -q destroy tight; virsh -q undefine tight',
  },
  {
    code: 'nic-change-pending',
    break: `virsh -q detach-interface run network --mac 52:54:00:d0:c0:10 --config`,
    says: 'gone at the next boot',
  },
  {
    code: 'nic-names-bridge-of-network',
    break: define('lonely', nicOn('keen0', '21')),
    clean: undefine('lonely'),
  },
];

export const linkRows: readonly Row[] = [
  {
    code: 'bridge-down',
    break: `${bridge('br9')}\n${cable('up9')}\nip link set up9 master br9\nip link set br9 down`,
    clean: removeLinks('br9', 'up9'),
  },
  {
    code: 'bridge-without-nic',
    break: `${bridge('br9')}\n${cable('up9')}\n${define('lonely', nicOn('br9', '21'))}`,
    clean: `${undefine('lonely')}; ${removeLinks('br9', 'up9')}`,
  },
  {
    code: 'bridge-stp-delay',
    break: [
      'ip link add br9 type bridge stp_state 1 forward_delay 1500\nip link set br9 up',
      cable('up9'),
      'ip link set up9 master br9',
      define('lonely', nicOn('br9', '21')),
    ].join('\n'),
    clean: `${undefine('lonely')}; ${removeLinks('br9', 'up9')}`,
  },
  {
    code: 'port-down',
    break: `${bridge('br9')}\n${cable('up9')}\nip link set up9 master br9 down`,
    clean: removeLinks('br9', 'up9'),
  },
  {
    code: 'port-with-address',
    break: `${bridge('br9')}\n${cable('up9')}\nip link set up9 master br9\nip address add 192.168.214.5/24 dev up9`,
    clean: removeLinks('br9', 'up9'),
  },
  {
    code: 'port-with-default-route',
    break: [
      bridge('br9'),
      cable('up9'),
      'ip link set up9 master br9',
      'ip address add 192.168.214.5/24 dev br9',
      'ip route add default via 192.168.214.1 dev up9 onlink',
    ].join('\n'),
    clean: removeLinks('br9', 'up9'),
  },
  {
    code: 'mtu-mismatch',
    break: [
      bridge('br9'),
      cable('up9'),
      'ip link set up9 master br9 mtu 1400; ip link set up9p mtu 1400',
      'ip netns add big; ip link add big0 type veth peer name eth0 netns big; ip link set big0 up master br9 mtu 1500',
    ].join('\n'),
    clean: `ip netns delete big; ${removeLinks('br9', 'up9')}`,
  },
  { code: 'cable-mtu-mismatch', break: `${cable('up9')}\nip link set up9p mtu 1400`, clean: removeLinks('up9') },
  {
    code: 'address-twice',
    break: `${cable('up9')}\nip address add 192.168.214.5/24 dev up9; ip address add 192.168.214.5/25 dev up9p`,
    clean: removeLinks('up9'),
  },
  {
    code: 'arp-flux',
    break: `${cable('up9')}\nip address add 192.168.214.5/24 dev up9; ip address add 192.168.214.6/24 dev up9p`,
    clean: `${removeLinks('up9')}; sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0`,
  },
];

const nftTable = (hook: 'input' | 'forward', bodies = ''): string =>
  `nft 'table inet mine { chain c { type filter hook ${hook} priority 10; policy drop; ${bodies} }; }'`;
const noTable = 'nft delete table inet mine';

/** A copy of /etc, in which files of managers do not concern this machine. */
const ownEtc =
  'mkdir -p /run/doctor/etc; mount -t tmpfs -o mode=0755 tmpfs /run/doctor/etc; cp -a /etc/. /run/doctor/etc; mount --bind /run/doctor/etc /etc';
const formerEtc = 'umount --lazy /etc; umount --lazy /run/doctor/etc';
const enabled = (service: string): string =>
  `mkdir -p /etc/systemd/network /etc/systemd/system/multi-user.target.wants; touch /etc/systemd/system/multi-user.target.wants/${service}.service`;

export const packetRows: readonly Row[] = [
  { code: 'ipv4-forwarding-off', break: 'sysctl -qw net.ipv4.ip_forward=0' },
  {
    code: 'ipv6-forwarding-off',
    break: [
      network(networkXml('six', '192.168.213', "<ip family='ipv6' address='fd00:d0c::1' prefix='64'/>"), 'six'),
      'virsh -q net-start six',
      'sysctl -qw net.ipv6.conf.all.forwarding=0',
    ].join('\n'),
    clean: removeNetwork('six'),
  },
  {
    code: 'advertised-route-expires',
    break: [
      cable('up9'),
      'sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.up9.accept_ra=1',
      'ip -6 route add default via fe80::1 dev up9 proto ra',
    ].join('\n'),
    clean: removeLinks('up9'),
  },
  {
    code: 'firewall-drops-guests',
    break: `${cable('up9')}\nip address add 192.168.214.5/24 dev up9; ip route add default via 192.168.214.1\n${nftTable('forward')}`,
    says: 'nft table inet mine, chain c, policy drop',
    clean: `${noTable}; ${removeLinks('up9')}`,
  },
  {
    code: 'firewall-drops-dhcp',
    break: nftTable('input', 'udp dport 53 accept; udp dport 67 drop;'),
    says: 'nft table inet mine, chain c, rule',
    clean: noTable,
  },
  { code: 'firewall-drops-dns', break: nftTable('input'), clean: noTable },
  {
    code: 'firewall-drops-bridged',
    break: [
      bridge('br9'),
      cable('up9'),
      cable('up8'),
      'ip link set up9 master br9; ip link set up8 master br9',
      `nft 'table bridge mine { chain c { type filter hook forward priority 0; policy drop; }; }'`,
    ].join('\n'),
    clean: `nft delete table bridge mine; ${removeLinks('br9', 'up9', 'up8')}`,
  },
  // Its forward stays for the next rows: with the last one the hook is gone.
  { code: 'hook-unnoticed', break: 'kvmnet forward add 8098 192.168.210.5:81' },
  {
    code: 'forward-not-in-force',
    break: 'kvmnet forward add 8099 192.168.210.5:80\niptables -t nat -F KVMNET_DNAT',
    clean: 'kvmnet forward remove 8099',
  },
  {
    code: 'snat-not-in-force',
    break: `${cable('up9')}\nip address add 192.168.214.5/24 dev up9\nkvmnet snat add 192.168.210.0/24 --to 192.168.214.5 --dev up9\niptables -t nat -F KVMNET_SNAT`,
    clean: `kvmnet snat remove 192.168.210.0/24; ${removeLinks('up9')}`,
  },
  {
    code: 'firewall-drops-forward',
    break: [
      cable('up9'),
      'ip address add 192.168.214.5/24 dev up9; ip route add default via 192.168.214.1',
      'kvmnet forward add 8099 192.168.210.5:80',
      nftTable('forward'),
    ].join('\n'),
    clean: `kvmnet forward remove 8099; ${noTable}; ${removeLinks('up9')}`,
  },
  {
    code: 'forward-target-missing',
    break: `${define('lonely', nicIn('keen', '21'))}\nkvmnet forward add 8099 lonely:80\n${undefine('lonely')}`,
    clean: 'kvmnet net release keen 52:54:00:d0:c0:21 >/dev/null 2>&1; true',
  },
  {
    code: 'dns-port-taken',
    break: [
      'virsh -q net-destroy other',
      `node -e 'require("dgram").createSocket({ type: "udp4", reuseAddr: true }).bind(53)' >/dev/null 2>&1 & disown`,
      "until ss -Hlun 'sport = :53' | grep -q '0.0.0.0:53 '; do sleep 0.1; done",
    ].join('\n'),
    clean: 'virsh -q net-start other',
  },
  {
    code: 'configuration-mistake',
    break: `${ownEtc}\nmkdir -p /etc/network; printf 'auto br9\\niface br9 inet static\\n  address 192.168.10.300/24\\n' > /etc/network/interfaces`,
    says: '192.168.10.300',
    correct: 'rm -f /etc/network/interfaces',
    clean: formerEtc,
  },
  {
    code: 'networkd-claims-devices',
    break: [
      ownEtc,
      enabled('systemd-networkd'),
      "printf '[Match]\\nName=*\\n[Network]\\nDHCP=yes\\n' > /etc/systemd/network/50-all.network",
    ].join('\n'),
    clean: formerEtc,
  },
  {
    code: 'networkmanager-claims-devices',
    break: [
      ownEtc,
      enabled('NetworkManager'),
      'mkdir -p /etc/NetworkManager/system-connections',
      "printf '[connection]\\nid=keen0\\ntype=bridge\\ninterface-name=keen0\\n' > /etc/NetworkManager/system-connections/keen0.nmconnection",
    ].join('\n'),
    clean: formerEtc,
  },
];
