/** Settings, rules, forwards and programs that stop packets. */
import {
  networkXml,
  nicIn,
  define,
  undefine,
  network,
  removeNetwork,
  formerEtc,
  ownEtc,
  cable,
  bridge,
  removeLinks,
  type Row,
} from './rows.ts';

const nftTable = (hook: 'input' | 'forward', bodies = ''): string =>
  `nft 'table inet mine { chain c { type filter hook ${hook} priority 10; policy drop; ${bodies} }; }'`;
const noTable = 'nft delete table inet mine';

/** A bridge whose ports lead to two cables. */
const bridged = [
  bridge('br9'),
  cable('up9'),
  cable('up8'),
  'ip link set up9 master br9; ip link set up8 master br9',
].join('\n');

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
    break: [bridged, `nft 'table bridge mine { chain c { type filter hook forward priority 0; policy drop; }; }'`].join(
      '\n',
    ),
    clean: `nft delete table bridge mine; ${removeLinks('br9', 'up9', 'up8')}`,
  },
  {
    code: 'firewall-drops-bridged',
    break: [
      bridged,
      'modprobe -q br_netfilter || true; sysctl -n net.bridge.bridge-nf-call-iptables > /run/doctor/former',
      'sysctl -qw net.bridge.bridge-nf-call-iptables=1; iptables -P FORWARD DROP',
    ].join('\n'),
    says: 'iptables table ip filter, chain FORWARD, policy drop stops packets from up9 to up8',
    clean: `iptables -P FORWARD ACCEPT; sysctl -qw net.bridge.bridge-nf-call-iptables=$(cat /run/doctor/former); ${removeLinks('br9', 'up9', 'up8')}`,
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
