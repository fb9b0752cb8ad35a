/** Networks that are broken, although their definitions are right. */
import { given, networkXml, network, removeNetwork, type Row } from './rows.ts';

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
    code: 'libvirt-chains-order',
    break: 'iptables -D FORWARD -j LIBVIRT_FWO; iptables -I FORWARD -j LIBVIRT_FWO',
    says: 'iptables table ip filter: chain FORWARD calls LIBVIRT_FWO before LIBVIRT_FWI',
  },
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
