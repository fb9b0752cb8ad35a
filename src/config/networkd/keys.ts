/**
 * The sections and keys of systemd-networkd. Sources: systemd.network(5), systemd.netdev(5) and, for what is newer than version 252, systemd's
 * NEWS. Sections that have to do with neither bridges nor addresses are known by their names only.
 */

import { sections } from '../section-keys.ts';

export const networkKeys = sections(
  {
    Match: `
    MACAddress PermanentMACAddress Path Driver Type Kind Property Name WLANInterfaceType SSID BSSID Host
    Virtualization KernelCommandLine KernelVersion Credential Architecture Firmware ConditionHost`,
    Link: `
    MACAddress MTUBytes ARP Multicast AllMulticast Promiscuous Unmanaged Group RequiredForOnline
    RequiredFamilyForOnline ActivationPolicy`,
    Network: `
    Description DHCP DHCPServer LinkLocalAddressing IPv6LinkLocalAddressGenerationMode IPv6StableSecretAddress
    IPv4LLStartAddress IPv4LLRoute DefaultRouteOnDevice LLMNR MulticastDNS DNSOverTLS DNSSEC
    DNSSECNegativeTrustAnchors LLDP EmitLLDP BindCarrier Address Gateway DNS Domains DNSDefaultRoute NTP
    IPForward IPMasquerade IPv6PrivacyExtensions IPv6AcceptRA IPv6DuplicateAddressDetection IPv6HopLimit
    IPv4AcceptLocal IPv4RouteLocalnet IPv4ProxyARP IPv6ProxyNDP IPv6ProxyNDPAddress IPv6SendRA
    DHCPPrefixDelegation IPv6MTUBytes KeepMaster BatmanAdvanced Bond Bridge VRF IPoIB IPVLAN IPVTAP MACsec
    MACVLAN MACVTAP Tunnel VLAN VXLAN Xfrm ActiveSlave PrimarySlave ConfigureWithoutCarrier IgnoreCarrierLoss
    KeepConfiguration IPv4Forwarding IPv6Forwarding IPv4ReversePathFilter
    IPv4DuplicateAddressDetectionTimeoutSec UseDomains IPv6RetransmissionTimeSec MPLSRouting ManageForeignRoutes
    DHCPServerPersistLeases IPv6AcceptRouterAdvertisements ProxyARP IPv4LL IPv6Token IPv6PrefixDelegation DHCPv6PrefixDelegation`,
    Address: `
    Address Peer Broadcast Label PreferredLifetime Scope RouteMetric HomeAddress DuplicateAddressDetection
    ManageTemporaryAddress AddPrefixRoute PrefixRoute AutoJoin NetLabel NFTSet`,
    Route: `
    Gateway GatewayOnLink GatewayOnlink Destination Source Metric IPv6Preference Scope PreferredSource Table Protocol Type
    InitialCongestionWindow InitialAdvertisedReceiveWindow QuickAck FastOpenNoCookie TTLPropagate MTUBytes
    TCPAdvertisedMaximumSegmentSize TCPCongestionControlAlgorithm NextHop MultiPathRoute
    TCPRetransmissionTimeoutSec HopLimit`,
    RoutingPolicyRule: `
    TypeOfService From To FirewallMark Table Priority IncomingInterface OutgoingInterface SourcePort
    DestinationPort IPProtocol InvertRule Family User SuppressPrefixLength SuppressInterfaceGroup Type
    L3MasterDevice GoTo`,
    DHCPv4: `
    SendHostname Hostname MUDURL ClientIdentifier VendorClassIdentifier UserClass DUIDType DUIDRawData IAID
    Anonymize RequestOptions SendOption SendVendorOption IPServiceType Label UseDNS RoutesToDNS UseNTP
    RoutesToNTP UseSIP UseMTU UseHostname UseDomains UseRoutes RouteMetric RouteTable RouteMTUBytes UseGateway UseTimezone
    Use6RD FallbackLeaseLifetimeSec RequestBroadcast MaxAttempts ListenPort DenyList BlackList UseDomainName CriticalConnection AllowList SendRelease
    SendDecline NetLabel InitialCongestionWindow InitialAdvertisedReceiveWindow QuickAck UseCaptivePortal UseDNR
    NFTSet RapidCommit IPv6OnlyMode SocketPriority BOOTP UnassignedSubnetPolicy ServePersistLeases`,
    DHCPv6: `
    MUDURL IAID DUIDType DUIDRawData RequestOptions SendOption SendVendorOption UserClass VendorClass
    PrefixDelegationHint RapidCommit UseAddress UseDelegatedPrefix UseDNS UseNTP UseHostname UseDomains NetLabel
    WithoutRA RouteMetric SendHostname Hostname SendRelease UseCaptivePortal UseDNR UnassignedSubnetPolicy NFTSet`,
    IPv6AcceptRA: `
    Token UseDNS UseDomains RouteMetric RouteTable DenyList BlackList UseMTU UseGateway UseRoutePrefix UseAutonomousPrefix UseOnLinkPrefix
    RouterDenyList RouterAllowList PrefixDenyList PrefixAllowList RouteDenyList RouteAllowList DHCPv6Client
    NetLabel UseHopLimit UsePREF64 UseCaptivePortal UseRedirect UseReachableTime UseRetransmissionTime HopLimit
    UseICMP6RateLimit NFTSet`,
    IPv6SendRA: `
    Managed OtherInformation RouterLifetimeSec RouterPreference UplinkInterface EmitDNS DNS EmitDomains Domains
    DNSLifetimeSec HopLimit RetransmitSec HomeAgent HomeAgentLifetimeSec HomeAgentPreference`,
    DHCPServer: `
    ServerAddress PoolOffset PoolSize DefaultLeaseTimeSec MaxLeaseTimeSec UplinkInterface EmitDNS DNS EmitNTP
    NTP EmitSIP SIP EmitPOP3 POP3 EmitSMTP SMTP EmitLPR LPR EmitRouter Router EmitTimezone Timezone
    BootServerAddress BootServerName BootFilename SendOption SendVendorOption BindToInterface RelayTarget
    RelayAgentCircuitId RelayAgentRemoteId RapidCommit IPv6OnlyPreferredSec PersistLeases`,
    Bridge: `
    UnicastFlood MulticastFlood MulticastToUnicast NeighborSuppression Learning HairPin Isolated UseBPDU
    FastLeave AllowPortToBeRoot ProxyARP ProxyARPWiFi MulticastRouter Cost Priority Locked
    MACAuthenticationBypass VLANTunnel`,
    BridgeVLAN: `
    VLAN EgressUntagged PVID`,
    Neighbor: `
    Address LinkLayerAddress MACAddress`,
  },
  `
  IPv6AddressLabel NextHop DHCPPrefixDelegation DHCPServerStaticLease IPv6Prefix IPv6RoutePrefix BridgeFDB
  BridgeMDB LLDP CAN IPoIB QDisc SR-IOV NetworkEmulator TokenBucketFilter StochasticFairnessQueueing
  FairQueueing FairQueueingControlledDelay HierarchyTokenBucket HierarchyTokenBucketClass CAKE MobileNetwork
  ModemManager DHCP DHCPv6PrefixDelegation IPv6PrefixDelegation IPv6NDPProxyAddress TrafficControlQueueingDiscipline BFIFO ControlledDelay
  DeficitRoundRobinScheduler DeficitRoundRobinSchedulerClass EnhancedTransmissionSelection FlowQueuePIE GenericRandomEarlyDetection HeavyHitterFilter
  PFIFO PFIFOFast PFIFOHeadDrop PIE QuickFairQueueing QuickFairQueueingClass StochasticFairBlue TrivialLinkEqualizer`,
);

export const netdevKeys = sections(
  {
    Match: `
    Host Virtualization KernelCommandLine KernelVersion Credential Architecture Firmware`,
    NetDev: `
    Description Name Kind MTUBytes MACAddress`,
    Bridge: `
    HelloTimeSec MaxAgeSec ForwardDelaySec AgeingTimeSec Priority GroupForwardMask DefaultPVID MulticastQuerier
    MulticastSnooping VLANFiltering VLANProtocol STP MulticastIGMPVersion FDBMaxLearned`,
    VLAN: `
    Id Protocol GVRP MVRP LooseBinding ReorderHeader EgressQOSMaps IngressQOSMaps`,
    Bond: `
    Mode TransmitHashPolicy LACPTransmitRate MIIMonitorSec UpDelaySec DownDelaySec LearnPacketIntervalSec
    AdSelect AdActorSystemPriority AdUserPortKey AdActorSystem FailOverMACPolicy ARPValidate ARPIntervalSec
    ARPIPTargets ARPAllTargets PrimaryReselectPolicy ResendIGMP PacketsPerSlave GratuitousARP AllSlavesActive
    DynamicTransmitLoadBalancing MinLinks ARPMissedMax PeerNotifyDelaySec`,
    MACVLAN: `
    Mode SourceMACAddress BroadcastMulticastQueueLength`,
    MACVTAP: `
    Mode SourceMACAddress BroadcastMulticastQueueLength`,
    VXLAN: `
    VNI Id Remote Local Group TOS TTL MacLearning FDBAgeingSec MaximumFDBEntries ReduceARPProxy ARPProxy L2MissNotification
    L3MissNotification RouteShortCircuit UDPChecksum UDP6ZeroChecksumTx UDP6ZeroChecksumRx RemoteChecksumTx
    RemoteChecksumRx GroupPolicyExtension GenericProtocolExtension DestinationPort PortRange FlowLabel
    IPDoNotFragment Independent VNIFilter ExternalControlPlane UDPCheckSum UDP6ZeroCheckSumRx UDP6ZeroCheckSumTx`,
  },
  `
  IPVLAN IPVTAP GENEVE BareUDP L2TP L2TPSession MACsec MACsecReceiveChannel MACsecTransmitAssociation
  MACsecReceiveAssociation Tunnel FooOverUDP Peer VXCAN Tun Tap WireGuard WireGuardPeer Xfrm VRF BatmanAdvanced
  IPoIB WLAN HSR Loopback`,
);
