/**
 * The values that systemd-networkd accepts, as a table: it ignores a line with any other value. Keys that are not here
 * are not judged. Sources: systemd.network(5), systemd.netdev(5); networkd-network-gperf.gperf and netdev-gperf.gperf of systemd 252.
 */
import { isIPv4 } from 'node:net';
import {
  booleanOr,
  each,
  integer,
  isBoolean,
  isDomain,
  isHardwareAddress,
  isIp,
  isMac,
  isPrefix,
  isSearchDomain,
  isServer,
  isSize,
  isSpan,
  isVlanRange,
  linkName,
  oneOf,
  orEmpty,
  rulesOf,
  type ValueRow,
} from '../value-rules.ts';

const operational = 'missing off no-carrier dormant degraded-carrier carrier degraded enslaved routable';
const isOnline = (value: string): boolean =>
  isBoolean(value) || value.split(':').every((word) => operational.split(' ').includes(word));

const most32 = 0xffffffff;
const [yesNo, families] = ['yes or no', 'yes, no, ipv4 or ipv6'];

/** The kinds of .netdev files, each with its section other than [Match] and [NetDev]. */
export const netdevKinds: ReadonlyMap<string, readonly string[]> = new Map(
  `bareudp:BareUDP batadv:BatmanAdvanced bond:Bond bridge:Bridge dummy erspan:Tunnel fou:FooOverUDP geneve:GENEVE gre:Tunnel gretap:Tunnel hsr:HSR
  ifb ip6gre:Tunnel ip6gretap:Tunnel ip6tnl:Tunnel ipip:Tunnel ipoib:IPoIB ipvlan:IPVLAN ipvtap:IPVTAP l2tp:L2TP,L2TPSession
  macsec:MACsec,MACsecReceiveChannel,MACsecTransmitAssociation,MACsecReceiveAssociation macvlan:MACVLAN macvtap:MACVTAP netdevsim nlmon sit:Tunnel
  tap:Tap tun:Tun vcan veth:Peer vlan:VLAN vrf:VRF vti6:Tunnel vti:Tunnel vxcan:VXCAN vxlan:VXLAN wireguard:WireGuard,WireGuardPeer wlan:WLAN xfrm:Xfrm`
    .trim()
    .split(/\s+/)
    .map((row) => row.split(':'))
    .map(([kind = '', sections]) => [kind, sections?.split(',') ?? []] as const),
);

const rows: readonly ValueRow[] = [
  {
    wants: yesNo,
    takes: isBoolean,
    keys: `Link.Unmanaged Network.KeepMaster Network.DHCPServer Network.IPv4LLRoute Network.DefaultRouteOnDevice Network.ActiveSlave
      Network.PrimarySlave Network.ConfigureWithoutCarrier Address.HomeAddress Address.ManageTemporaryAddress Address.AddPrefixRoute Address.AutoJoin
      Route.GatewayOnLink Route.GatewayOnlink Route.QuickAck Route.FastOpenNoCookie Route.TTLPropagate DHCPv4.UseDNS DHCPv4.RoutesToDNS DHCPv4.UseNTP
      DHCPv4.RoutesToNTP DHCPv4.UseSIP DHCPv4.UseMTU DHCPv4.UseHostname DHCPv4.UseRoutes DHCPv4.Anonymize DHCPv4.SendHostname DHCPv4.UseTimezone
      DHCPv4.SendRelease DHCPv4.SendDecline DHCPv4.Use6RD DHCPv6.UseAddress DHCPv6.UseDNS DHCPv6.UseNTP DHCPv6.UseHostname DHCPv6.RapidCommit
      IPv6AcceptRA.UseGateway IPv6AcceptRA.UseRoutePrefix IPv6AcceptRA.UseAutonomousPrefix IPv6AcceptRA.UseOnLinkPrefix IPv6AcceptRA.UseDNS
      IPv6AcceptRA.UseMTU DHCPServer.EmitDNS DHCPServer.EmitNTP DHCPServer.EmitRouter DHCPServer.EmitTimezone DHCPServer.BindToInterface
      IPv6SendRA.Managed IPv6SendRA.OtherInformation IPv6SendRA.EmitDNS IPv6SendRA.EmitDomains Bond.AllSlavesActive`,
  },
  {
    wants: yesNo,
    takes: orEmpty(isBoolean),
    keys: `Link.ARP Link.Multicast Link.AllMulticast Link.Promiscuous Network.DNSDefaultRoute Network.IPv6AcceptRA Network.IPv6ProxyNDP
      Network.IPv4AcceptLocal Network.IPv4RouteLocalnet Network.IPv4ProxyARP Network.DHCPPrefixDelegation DHCPv4.UseGateway DHCPv4.RequestBroadcast
      Bridge.UseBPDU Bridge.HairPin Bridge.Isolated Bridge.FastLeave Bridge.AllowPortToBeRoot Bridge.UnicastFlood Bridge.MulticastFlood
      Bridge.MulticastToUnicast Bridge.NeighborSuppression Bridge.Learning Bridge.ProxyARP Bridge.ProxyARPWiFi Bridge.MulticastQuerier
      Bridge.MulticastSnooping Bridge.VLANFiltering Bridge.STP VLAN.GVRP VLAN.MVRP VLAN.LooseBinding VLAN.ReorderHeader
      Bond.DynamicTransmitLoadBalancing`,
  },
  { wants: families, takes: booleanOr('ipv4', 'ipv6', 'v4', 'v6', 'both', 'none'), keys: 'Network.DHCP' },
  {
    wants: families,
    takes: booleanOr('ipv4', 'ipv6', 'ipv4-fallback', 'fallback', 'ipv6-fallback'),
    keys: 'Network.LinkLocalAddressing',
  },
  { wants: families, takes: booleanOr('ipv4', 'ipv6', 'kernel'), keys: 'Network.IPForward' },
  { wants: 'ipv4, ipv6, both or no', takes: orEmpty(booleanOr('ipv4', 'ipv6', 'both')), keys: 'Network.IPMasquerade' },
  { wants: 'yes, no or resolve', takes: booleanOr('resolve'), keys: 'Network.LLMNR Network.MulticastDNS' },
  { wants: 'yes, no or allow-downgrade', takes: booleanOr('allow-downgrade'), keys: 'Network.DNSSEC' },
  { wants: 'yes, no or opportunistic', takes: booleanOr('opportunistic'), keys: 'Network.DNSOverTLS' },
  { wants: 'yes, no or routers-only', takes: booleanOr('routers-only'), keys: 'Network.LLDP' },
  {
    wants: 'yes, no, prefer-public or kernel',
    takes: booleanOr('prefer-public', 'kernel'),
    keys: 'Network.IPv6PrivacyExtensions',
  },
  {
    wants: 'yes, no, static, dhcp or dhcp-on-stop',
    takes: booleanOr('static', 'dhcp', 'dhcp-on-stop', 'dynamic', 'dynamic-on-stop'),
    keys: 'Network.KeepConfiguration',
  },
  {
    wants: 'yes, no or route',
    takes: booleanOr('route'),
    keys: 'DHCPv4.UseDomains DHCPv6.UseDomains IPv6AcceptRA.UseDomains',
  },
  {
    wants: 'up, always-up, manual, down, always-down or bound',
    takes: oneOf('up', 'always-up', 'manual', 'down', 'always-down', 'bound'),
    keys: 'Link.ActivationPolicy',
  },
  { wants: 'yes, no or a state such as degraded', takes: orEmpty(isOnline), keys: 'Link.RequiredForOnline' },
  {
    wants: 'any, ipv4, ipv6 or both',
    takes: booleanOr('any', 'ipv4', 'ipv6', 'both'),
    keys: 'Link.RequiredFamilyForOnline',
  },
  {
    wants: 'global, site, link, host, nowhere or a number',
    takes: (value) => oneOf('global', 'site', 'link', 'host', 'nowhere')(value) || integer(0, 255)(value),
    keys: 'Address.Scope Route.Scope',
  },
  {
    wants: 'unicast, blackhole, unreachable or the like',
    takes: oneOf(
      'unicast',
      'local',
      'broadcast',
      'anycast',
      'multicast',
      'blackhole',
      'unreachable',
      'prohibit',
      'throw',
      'nat',
      'xresolve',
    ),
    keys: 'Route.Type',
  },
  { wants: 'forever or 0', takes: oneOf('forever', 'infinity', '', '0'), keys: 'Address.PreferredLifetime' },
  {
    wants: 'both, ipv4, ipv6 or none',
    takes: booleanOr('both', 'ipv4', 'ipv6', 'none'),
    keys: 'Address.DuplicateAddressDetection',
  },
  {
    code: 'bad-address',
    wants: 'an IPv4 address, yes or no',
    takes: orEmpty((value) => isBoolean(value) || (isIPv4(value) && value !== '0.0.0.0')),
    keys: 'Address.Broadcast',
  },
  {
    wants: 'a number',
    takes: integer(0, most32),
    keys: 'Route.Metric DHCPv4.RouteMetric Address.RouteMetric IPv6AcceptRA.RouteMetric Bridge.Cost DHCPServer.PoolOffset DHCPServer.PoolSize Bond.ResendIGMP Bond.PacketsPerSlave Bond.GratuitousARP Bond.MinLinks',
  },
  {
    wants: 'a number',
    takes: integer(-0x80000000, 0x7fffffff),
    keys: 'Network.IPv6DuplicateAddressDetection Network.IPv6HopLimit',
  },
  { wants: 'a number from 0 to 2147483647', takes: orEmpty(integer(0, 0x7fffffff)), keys: 'Link.Group' },
  { wants: 'a number of bytes', takes: isSize, keys: 'Link.MTUBytes NetDev.MTUBytes DHCPv4.RouteMTUBytes' },
  {
    wants: 'a number of bytes, at least 1280',
    takes: (value) => isSize(value) && (/[A-Z]/.test(value) || Number.parseFloat(value) >= 1280),
    keys: 'Network.IPv6MTUBytes',
  },
  {
    wants: 'a time in seconds',
    takes: isSpan,
    keys: 'Bridge.HelloTimeSec Bridge.MaxAgeSec Bridge.ForwardDelaySec Bridge.AgeingTimeSec Bond.MIIMonitorSec Bond.UpDelaySec Bond.DownDelaySec Bond.ARPIntervalSec Bond.LearnPacketIntervalSec',
  },
  { wants: 'a number from 0 to 255', takes: integer(0, 255), keys: 'Bridge.MulticastIGMPVersion' },
  { wants: 'a number from 0 to 65535', takes: integer(0, 65535), keys: 'Bridge.GroupForwardMask' },
  {
    code: 'bad-name',
    wants: 'the name of a link',
    takes: orEmpty(linkName(15)),
    keys: 'Network.Bridge Network.Bond Network.VRF Network.BatmanAdvanced NetDev.Name',
  },
  {
    code: 'bad-name',
    wants: 'the name of a link',
    takes: linkName(15),
    keys: 'Network.VLAN Network.MACVLAN Network.MACVTAP Network.IPVLAN Network.IPVTAP Network.VXLAN Network.Tunnel Network.MACsec Network.IPoIB Network.Xfrm',
  },
  {
    code: 'bad-name',
    wants: 'names of links',
    takes: (value) => each(linkName(127))(value.replace(/^!/, '')),
    keys: 'Match.Name',
  },
  {
    code: 'bad-mac',
    wants: 'MAC addresses',
    takes: each(isHardwareAddress),
    keys: 'Match.MACAddress Match.PermanentMACAddress',
  },
  { code: 'bad-mac', wants: 'a MAC address', takes: orEmpty(isHardwareAddress), keys: 'Link.MACAddress' },
  {
    code: 'bad-mac',
    wants: 'a MAC address, or none',
    takes: orEmpty((value) => isMac(value) || value === 'none'),
    keys: 'NetDev.MACAddress',
  },
  {
    code: 'bad-address',
    wants: 'an IP address with its prefix length',
    takes: isPrefix,
    keys: 'Network.Address Address.Address Address.Peer',
  },
  { code: 'bad-address', wants: 'an IP address', takes: isIp, keys: 'Network.Gateway Route.PreferredSource' },
  {
    code: 'bad-address',
    wants: 'an IP address, _dhcp4 or _ipv6ra',
    takes: orEmpty((value) => isIp(value) || ['_dhcp', '_dhcp4', '_ipv6ra'].includes(value)),
    keys: 'Route.Gateway',
  },
  { code: 'bad-address', wants: 'a subnet', takes: isPrefix, keys: 'Route.Destination Route.Source' },
  { code: 'bad-address', wants: 'IP addresses', takes: each(isServer), keys: 'Network.DNS' },
  { wants: 'names of domains', takes: each(isSearchDomain), keys: 'Network.Domains' },
  {
    wants: 'names or addresses of servers',
    takes: each((value) => isIp(value) || isDomain(value)),
    keys: 'Network.NTP',
  },
  { wants: 'a label of at most 15 characters', takes: (value) => value.length <= 15, keys: 'Address.Label' },
  { code: 'bad-vlan-id', wants: 'a VLAN ID (1 to 4094)', takes: integer(0, 4094), keys: 'VLAN.Id' },
  // Since systemd 256 it may be off.
  {
    code: 'bad-vlan-id',
    wants: 'a VLAN ID (1 to 4094)',
    takes: (value) => integer(0, 4094)(value) || /^(no|n|false|f|off)$/i.test(value),
    keys: 'BridgeVLAN.PVID',
  },
  {
    code: 'bad-vlan-id',
    wants: 'a VLAN ID (1 to 4094) or none',
    takes: (value) => value === 'none' || integer(0, 4094)(value),
    keys: 'Bridge.DefaultPVID',
  },
  {
    code: 'bad-vlan-id',
    wants: 'VLAN IDs, such as 10 or 10-20',
    takes: isVlanRange,
    keys: 'BridgeVLAN.VLAN BridgeVLAN.EgressUntagged',
  },
  {
    wants: '802.1q or 802.1ad',
    takes: orEmpty(oneOf('802.1q', '802.1ad', '802.1Q', '802.1AD')),
    keys: 'VLAN.Protocol Bridge.VLANProtocol',
  },
  {
    wants: 'no, query, permanent or temporary',
    takes: booleanOr('query', 'permanent', 'temporary'),
    keys: 'Bridge.MulticastRouter',
  },
  {
    wants: 'a mode of bonds',
    takes: oneOf('balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'),
    keys: 'Bond.Mode',
  },
  {
    wants: 'layer2, layer2+3, layer3+4 or the like',
    takes: oneOf('layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'),
    keys: 'Bond.TransmitHashPolicy',
  },
  { wants: 'slow or fast', takes: oneOf('slow', 'fast'), keys: 'Bond.LACPTransmitRate' },
  { wants: 'none, active or follow', takes: oneOf('none', 'active', 'follow'), keys: 'Bond.FailOverMACPolicy' },
  {
    wants: 'always, better or failure',
    takes: oneOf('always', 'better', 'failure'),
    keys: 'Bond.PrimaryReselectPolicy',
  },
  {
    wants: 'a kind of link, such as bridge, bond or vlan',
    takes: (value) => netdevKinds.has(value),
    keys: 'NetDev.Kind',
  },
];

/** [Bridge] of a .network file is about a port, and of a .netdev file about the bridge. */
const portPriority: ValueRow = { wants: 'a number from 0 to 63', takes: integer(0, 63), keys: 'Bridge.Priority' };
const bridgePriority: ValueRow = {
  wants: 'a number from 0 to 65535',
  takes: integer(0, 65535),
  keys: 'Bridge.Priority',
};

export const networkValues = rulesOf([...rows, portPriority]);
export const netdevValues = rulesOf([...rows, bridgePriority]);
