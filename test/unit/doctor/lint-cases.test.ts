/** Files of administrators that kvmnet once misread, each with its correct findings. */
import { describe, expect, it } from '@jest/globals';
import { lint } from '../../../src/doctor/lint/lint.ts';
import { formatOf, readConfig } from '../../../src/config/config.ts';

interface Case {
  readonly files: Readonly<Record<string, string>>;
  /** `CODE PATH:LINE`, and what the message has in it. */
  readonly found: readonly (readonly [string, string])[];
}

const netplan = (text: string): Case['files'] => ({ '/etc/netplan/01.yaml': `network:\n  version: 2\n${text}` });

const cases: Readonly<Record<string, Case>> = {
  'a key twice in an ifcfg file': {
    files: {
      'ifcfg-eth0': `DEVICE=eth0
ONBOOT=yes
BOOTPROTO=none
IPADDR=192.168.2.10
PREFIX=24
DNS1=192.0.2.1
DNS2=192.0.2.2
DNS2=192.0.2.3
IPADDR=192.168.2.11
`,
    },
    found: [
      ['key-twice ifcfg-eth0:4', 'IPADDR=192.168.2.10 is not used'],
      ['key-twice ifcfg-eth0:7', 'DNS2=192.0.2.2 is not used'],
    ],
  },
  'a comment behind bridge_ports': {
    files: {
      interfaces: `auto br0
iface br0 inet static
    address 192.168.0.5
    netmask 255.255.255.0
    gateway 192.168.0.1
    bridge_ports eth0 # uplink to the switch
    bridge_fd 0
`,
    },
    found: [['inline-comment interfaces:6', '"# uplink to the switch" becomes part of the value']],
  },
  'a comment behind an address': {
    files: { interfaces: 'auto eth0\niface eth0 inet static\n    address 192.168.0.5/24 # the office\n' },
    found: [['inline-comment interfaces:3', 'becomes part of the value']],
  },
  'options that their method does not read': {
    files: {
      interfaces: `auto br0
iface br0 inet manual
    address 192.168.1.5/24
    gateway 192.168.1.1
    bridge_ports eth0

auto br1
iface br1 inet static
    netmask 255.255.255.0
    bridge_ports eth1

auto br2
iface br2 inet dhcp
    address 192.168.3.5
    netmask 255.255.255.0
    bridge_ports eth2
`,
    },
    found: [
      ['option-not-read interfaces:3', 'nothing reads address and gateway'],
      ['option-missing interfaces:8', 'needs address: ifup fails'],
      ['option-not-read interfaces:14', 'nothing reads address and netmask'],
    ],
  },
  'an address without prefix for netplan': {
    files: netplan('  ethernets:\n    eno1:\n      addresses: [192.168.1.5]\n'),
    found: [['bad-netmask /etc/netplan/01.yaml:5', 'netplan refuses all files']],
  },
  'one port in the place of a list': {
    files: netplan('  ethernets:\n    eno1: {}\n  bridges:\n    br0:\n      interfaces: eno1\n'),
    found: [['wrong-type /etc/netplan/01.yaml:7', 'wants a list']],
  },
  'the name of a NIC as a key': {
    files: netplan('  ethernets:\n    eno1:\n      eno1:\n      addresses: [192.168.1.5/24]\n'),
    found: [['unknown-key /etc/netplan/01.yaml:5', 'eno1 is not a key']],
  },
  'a VLAN on a NIC that is not defined': {
    files: netplan('  ethernets:\n    eno1: {}\n  vlans:\n    vlan12: {id: 12, link: eno9}\n'),
    found: [['port-undefined /etc/netplan/01.yaml:6', 'eno9 is defined nowhere']],
  },
  'a NIC that systemd-networkd knows by its MAC': {
    files: {
      '10-uplink.network': '[Match]\nMACAddress=02:00:00:aa:bb:01\n\n[Network]\nDHCP=ipv4\nVLAN=uplink.10\n',
      '11-vlan.netdev': '[NetDev]\nName=uplink.10\nKind=vlan\n\n[VLAN]\nId=10\n',
      '12-vlan.network': '[Match]\nName=uplink.10\n\n[Network]\nAddress=192.168.10.2/24\n',
    },
    found: [['shadowed 10-uplink.network:2', '12-vlan.network is then never used']],
  },
  'files of SUSE': {
    files: {
      'etc/sysconfig/network/ifcfg-bond0':
        "STARTMODE='auto'\nBOOTPROTO='none'\nBONDING_MASTER='yes'\nBONDING_SLAVE_0='eth1'\nBONDING_SLAVE_1='eth2'\n",
      'etc/sysconfig/network/ifcfg-br0':
        "STARTMODE='auto'\nBOOTPROTO='static'\nIPADDR='192.168.1.2/24'\nBRIDGE='yes'\nBRIDGE_PORTS='eth0'\n",
      'etc/sysconfig/network/ifcfg-eth0': "STARTMODE='auto'\nBOOTPROTO='none'\n",
      'etc/sysconfig/network/ifcfg-vlan10': "STARTMODE='auto'\nBOOTPROTO='none'\nETHERDEVICE='eth0'\nVLAN_ID='10'\n",
    },
    found: ['bond0', 'br0', 'eth0', 'vlan10'].map(
      (name) => [`other-dialect etc/sysconfig/network/ifcfg-${name}:1`, 'SUSE (wicked)'] as const,
    ),
  },
};

describe('host lint', () => {
  it.each(Object.entries(cases))('reports %s', (_, { files, found }) => {
    const configs = Object.entries(files).map(([path, text]) => readConfig({ path, text }, formatOf({ path, text })!));
    const findings = lint(configs);
    expect(findings.map(({ code, path, line }) => `${code} ${path}:${line}`)).toEqual(found.map(([place]) => place));
    for (const [index, [, message]] of found.entries()) expect(findings[index]?.message).toContain(message);
  });
});
