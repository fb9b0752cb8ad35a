/** Material for files of systemd-networkd and profiles of NetworkManager in a differential test: see generator.ts. */
import type { Material } from './generator.ts';

export const networkdMaterial: Material = {
  isIni: true,
  // VLAN 0, which systemd-networkd takes; and no VLAN at all, which newer ones do.
  outside: /^\s*(Id=[0x]+|PVID=(no|off))\s*$/m,
  valid: [
    `[Match]
Name=eno1

[Link]
MTUBytes=9000
RequiredForOnline=no

[Network]
Description=the uplink
DHCP=ipv4
LLMNR=no
IPv6AcceptRA=no
DNS=192.168.1.1
DNS=fd00::1
Domains=example.org ~example.net
NTP=ntp.example.org
VLAN=vlan10
VLAN=vlan20

[DHCPv4]
UseDNS=no
RouteMetric=50
SendHostname=yes
`,
    `[Match]
MACAddress=52:54:00:7d:be:70
# the second NIC

[Network]
Address=192.168.1.5/24
Gateway=192.168.1.1
Address=fd00::5/64
LinkLocalAddressing=ipv6
IPForward=yes

[Address]
Address=10.0.0.1/24
Label=lab
Broadcast=10.0.0.255

[Route]
Destination=10.1.0.0/16
Gateway=10.0.0.2
Metric=100

[Route]
Gateway=fd00::1
GatewayOnLink=yes
`,
    `[Match]
Name=eno2 ens* !eno3
Type=ether

[Link]
ActivationPolicy=up

[Network]
Bridge=br0
LinkLocalAddressing=no

[Bridge]
Cost=10
Isolated=yes
HairPin=no
Priority=32

[BridgeVLAN]
PVID=10
VLAN=20-30
EgressUntagged=10
`,
    `[NetDev]
Name=br0
Kind=bridge
MACAddress=52:54:00:7d:be:71
MTUBytes=1500

[Bridge]
STP=yes
ForwardDelaySec=4
VLANFiltering=no
Priority=4096
DefaultPVID=none
`,
    `[NetDev]
Name=vlan10
Kind=vlan

[VLAN]
Id=10
Protocol=802.1q
LooseBinding=no
`,
    `[NetDev]
Name=bond0
Kind=bond
Description=both NICs

[Bond]
Mode=active-backup
MIIMonitorSec=100ms
PrimaryReselectPolicy=always
MinLinks=1
`,
  ],
  words:
    `Match Network NetDev Link Address Route Bridge Bond VLAN BridgeVLAN DHCPv4 Name Kind Type MACAddress MTUBytes DHCP Gateway DNS Domains
    Destination Metric STP Id Mode Description Adress Gatway bridge bond vlan dummy brigde yes no maybe on off true ipv4 ipv6 both v4 up manual
    resolve 10 20 4094 4095 99999999999 0x10 -1 10-20 30-20 1.5 10s 9K 192.168.1.5/24 192.168.1.5 192.168.1.5/33 192.168.1.256 192.168.1.0/24 fd00::5/64
    fd00::5/129 fd00::5 fe80::1%eno1 eno1 eno2 br0 en* default a-name-that-is-too-long 52:54:00:7d:be:70 52-54-00-7d-be-70 52:54:00:7d:be 802.3ad
    active-backup example.org exam..ple ~. none infinity 802.1ad`
      .trim()
      .split(/\s+/),
  lines: [
    '# a comment',
    '; a comment',
    '',
    '[Network]',
    '[Match]',
    '[Link]',
    '[Foo]',
    '[X-Foo]',
    '[Network',
    'no equals',
    '=value',
    'X-Key=value',
    'DHCP=yes',
    'Name=br0',
    'Address=10.0.0.7/8',
    'Gateway=10.0.0.1',
    'Gateway=fd00::1',
    'DHCPServer=yes',
    'Domains=a \\',
    'LinkLocalAddressing=no',
    'KeepConfiguration=static',
    'Unmanaged=',
    '[Address]',
    '[Route]',
  ],
};

export const keyfileMaterial: Material = {
  isIni: true,
  // A port of nothing and VLAN 0, which NetworkManager takes.
  outside: /^\s*(master=|id=[0x]+)\s*$/m,
  valid: [
    `[connection]
id=eno1
uuid=7d0e9f3c-2b1a-4c55-9e0c-0a7d2f1c9b11
type=ethernet
interface-name=eno1
autoconnect=true
autoconnect-priority=10

[ethernet]
mac-address=52:54:00:7d:be:70
mtu=9000

[ipv4]
method=manual
address1=192.168.1.5/24,192.168.1.1
address2=10.0.0.5/8
dns=192.168.1.1;192.168.1.2;
dns-search=example.org;
route1=10.1.0.0/16,10.0.0.1,100
may-fail=false

[ipv6]
method=manual
address1=fd00::5/64
gateway=fd00::1
dns=fd00::1;
addr-gen-mode=stable-privacy
`,
    `[connection]
id=br0
type=bridge
interface-name=br0
# of the guests

[bridge]
stp=false
forward-delay=4
priority=4096
ageing-time=300

[ipv4]
method=auto
route-metric=50
ignore-auto-dns=true

[ipv6]
method=ignore
`,
    `[connection]
id=port
type=802-3-ethernet
interface-name=eno2
master=br0
slave-type=bridge

[bridge-port]
priority=32
path-cost=100
hairpin-mode=false
`,
    `[connection]
id=vlan10
type=vlan
interface-name=eno1.10

[vlan]
id=10
parent=eno1
flags=1

[ipv4]
method=disabled

[ipv6]
method=auto
never-default=true
`,
    `[connection]
id=bond0
type=bond
interface-name=bond0

[bond]
mode=active-backup
miimon=100
updelay=200
primary=eno1

[ethernet]
cloned-mac-address=52:54:00:7d:be:71

[ipv4]
method=shared
address1=10.42.0.1/24
`,
  ],
  words:
    `connection ethernet bridge bridge-port vlan bond ipv4 ipv6 id type interface-name autoconnect master slave-type method address1 gateway dns stp
    parent mode primary miimon mtu true false yes 1 0 auto manual maual disabled link-local shared ignore dhcp eno1 br0 a-name-that-is-too-long
    10 4094 4095 99999999999 -1 0x10 192.168.1.5/24 192.168.1.5 192.168.1.5/33 192.168.1.256/24 192.168.1.1 fd00::5/64 fd00::5/129 fd00::1 balance-rr
    802.3ad active-backup 52:54:00:7d:be:70 52:54:00:7d:be random dummy team bond-port eui64 route1 maybe`
      .trim()
      .split(/\s+/),
  lines: [
    '# a comment',
    '; no comment',
    '',
    '[ipv4]',
    '[bridge-port]',
    '[foo]',
    '[ethernet]',
    '[vlan',
    'no equals',
    '=value',
    'unknown-key=value',
    'autoconnect=maybe',
    'master=br0',
    'slave-type=bond',
    'method=manual',
    'address1=10.0.0.7/8',
    'gateway=10.0.0.1',
    'id=20',
    'mtu=',
    'never-default=true',
    'primary=eno2',
  ],
};
