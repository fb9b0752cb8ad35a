/** Links of the host that are wrong. */
import { nicOn, define, undefine, cable, bridge, removeLinks, type Row } from './rows.ts';

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
