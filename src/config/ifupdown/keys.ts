/**
 * The options of /etc/network/interfaces, with dashes for underscores. Sources: interfaces(5), bridge-utils-interfaces(5),
 * vlan-interfaces(5), ifenslave's README, resolvconf(8); ifupdown2's and ifupdown-ng's where they add some.
 */
export const interfacesKeys: ReadonlySet<string> = new Set(
  `
  address netmask broadcast metric gateway pointopoint hwaddress mtu scope media accept-ra autoconf privext
  dad-attempts dad-interval preferred-lifetime request-prefix ll-attempts ll-interval hostname leasehours
  leasetime vendor client bootfile server hwaddr provider unit options endpoint dstaddr local remote mode ttl
  frame netnum label type up down pre-up post-up pre-down post-down description script map network
  dns-nameservers dns-nameserver dns-search dns-domain dns-sortlist dns-options bridge-ports bridge-ageing
  bridge-bridgeprio bridge-fd bridge-gcint bridge-garp bridge-hello bridge-hw bridge-maxage bridge-maxwait
  bridge-pathcost bridge-portprio bridge-stp bridge-waitport bridge-vlan-aware bridge-vlan-filtering bridge-vids
  bridge-pvid bridge-access bridge-disableip6 bridge-mcsnoop bridge-mcquerier bridge-unicast-flood
  bridge-learning bridge-allow-untagged bridge-trunk bridge-ports-condone-regex bridge-mcqifaddr
  bridge-vlan-protocol bridge-arp-nd-suppress bridge-l2protocol-tunnel bridge-vxlan-arp-nd-suppress
  vlan-raw-device vlan-id vlan-protocol bond-slaves bond-master bond-mode bond-miimon bond-downdelay
  bond-updelay bond-lacp-rate bond-xmit-hash-policy bond-primary bond-primary-reselect bond-active-slave
  bond-ad-select bond-arp-interval bond-arp-ip-target bond-arp-validate bond-arp-all-targets bond-fail-over-mac
  bond-give-a-chance bond-num-grat-arp bond-num-unsol-na bond-all-slaves-active bond-min-links
  bond-packets-per-slave bond-resend-igmp bond-queue-id bond-use-carrier bond-lp-interval bond-tlb-dynamic-lb
  bond-hash-policy link-speed link-duplex link-autoneg ethernet-wol ethernet-port ethernet-autoneg
  ethernet-speed alias vrf vrf-table requires use multicast inet-forward ip-forward ip6-forward use-tempaddr
  dhcp
  `
    .trim()
    .split(/\s+/),
);

/** Beginnings of options that other packages' hooks read. */
export const interfacesFamilies: readonly string[] = [
  'wpa-',
  'wireless-',
  'ovs-',
  'hardware-',
  'driver-',
  'offload-',
  'ethernet-',
  'ethtool-',
  'tunnel-',
  'vxlan-',
  'macvlan-',
  'veth-',
  'wireguard-',
  'batman-',
  'link-',
  'rename',
  'if-',
  'mstpctl-',
  'macsec-',
  'bitrate',
  'sample',
  'triple',
  'tq',
  'prop',
  'phase',
  'sjw',
  'loopback',
  'listen',
  'restart',
  'can-',
  'ppp',
  'post-',
  'es-',
];

/** Keywords that a misspelled option may stand for. */
export const interfacesKeywords: readonly string[] = [
  'auto',
  'allow-hotplug',
  'iface',
  'mapping',
  'source',
  'source-directory',
  'template',
];
