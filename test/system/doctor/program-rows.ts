/** Daemons, users, definitions and devices, of which a private host has its own. */
import { bridge, cable, formerEtc, given, networkXml, ownEtc, removeLinks, removeNetwork, type Row } from './rows.ts';

/**
 * Starts libvirt's daemon under the name of a daemon of one driver, which Debian does not package: with its own sockets, and without drivers, which
 * the other daemon has. `$1` is its name.
 */
const secondDaemon = `second() {
  cp "$(command -v libvirtd)" "/run/doctor/$1"
  mkdir -p /run/doctor/none
  printf 'unix_sock_dir = "/run/doctor/none"\\n' > /run/doctor/second.conf
  drivers=$(dirname "$(find -L /usr/lib -name libvirt_driver_network.so | head -n 1)")
  mount -t tmpfs tmpfs "$drivers"
  "/run/doctor/$1" --daemon --config /run/doctor/second.conf --pid-file /run/doctor/second.pid
  until pidof "$1"; do sleep 0.1; done
  umount "$drivers"
}`;
const ended = (name: string): string => `while pidof ${name}; do pkill -x ${name}; sleep 0.1; done`;

export const programRows: readonly Row[] = [
  {
    code: 'libvirt-permission',
    as: 'alice',
    // Debian opens the socket for readers to everyone.
    break: `${ownEtc}\ngpasswd --delete alice libvirt; chmod 0770 /run/libvirt/libvirt-sock-ro`,
    clean: `${formerEtc}; chmod 0777 /run/libvirt/libvirt-sock-ro`,
  },
  {
    code: 'daemons-mixed',
    break: `${secondDaemon}\nsecond virtnetworkd`,
    says: 'libvirtd runs, and so does virtnetworkd',
    clean: ended('virtnetworkd'),
  },
  {
    code: 'network-daemon-missing',
    break: [
      `${secondDaemon}\nsecond virtqemud`,
      'pkill -x libvirtd; while pidof libvirtd; do sleep 0.1; done',
      'rm -f /run/libvirt/libvirt-sock*; cp "$(command -v libvirtd)" /run/doctor/virtnetworkd',
    ].join('\n'),
    clean: [
      ended('virtqemud'),
      ended('virtnetworkd'),
      'until libvirtd --daemon; do sleep 0.2; done; until virsh -q uri; do sleep 0.1; done',
    ].join('\n'),
  },
  {
    // libvirt accepts and keeps the instruction, with its odd quote.
    code: 'definition-unreadable',
    break: `${given('odd', networkXml('odd', '192.168.213', "<metadata><x:y xmlns:x='urn:x'><?note it's?></x:y></metadata>"))}\nvirsh -q net-define /run/doctor/odd.xml`,
    says: 'network odd cannot be read',
    clean: removeNetwork('odd'),
  },
  {
    // No kernel of the tests has wireless devices (mac80211_hwsim): this one has the folder in sysfs by which they are known.
    code: 'wireless-port',
    break: [
      bridge('br9'),
      cable('up9'),
      'ip link set up9 master br9',
      'mount -t tmpfs tmpfs /sys/devices/virtual/net/up9; mkdir /sys/devices/virtual/net/up9/phy80211',
    ].join('\n'),
    clean: `umount --lazy /sys/devices/virtual/net/up9; ${removeLinks('br9', 'up9')}`,
  },
];
