/** Definitions of networks and VMs that are wrong. */
import {
  given,
  networkXml,
  domainXml,
  nicIn,
  nicOn,
  define,
  undefine,
  network,
  removeNetwork,
  cable,
  removeLinks,
  type Row,
} from './rows.ts';

/** A machine with PCI Express whose only port is taken. */
const tight = domainXml(
  'tight',
  "<controller type='pci' index='1' model='pcie-root-port'/><controller type='usb' model='none'/><memballoon model='none'/>" +
    nicIn('keen', '30').replace('</interface>', "<model type='virtio'/></interface>"),
).replace("machine='pc'", "machine='q35'");

export const definitionRows: readonly Row[] = [
  { code: 'network-inactive', break: 'virsh -q net-destroy other', says: 'idle cannot start' },
  {
    code: 'network-without-autostart',
    break: 'virsh -q net-autostart keen --disable',
    says: 'NICs of off, run use it',
  },
  {
    code: 'vm-autostart-without-network',
    break: 'virsh -q net-autostart keen --disable; virsh -q autostart off',
    clean: 'virsh -q autostart off --disable',
    says: 'guests with NICs in it do: off',
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
