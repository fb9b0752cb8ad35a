/**
 * The sections and keys of NetworkManager's keyfiles. Sources: nm-settings-keyfile(5), nm-settings(5) of NetworkManager 1.5x. Numbers at a
 * key's end (address1, route1_options) are not repeated here.
 */
import { sections } from '../section-keys.ts';

export const keyfileKeys = sections(
  {
    connection: `
      id uuid stable-id type interface-name autoconnect autoconnect-priority autoconnect-retries multi-connect
      auth-retries timestamp permissions zone controller master slave-type port-type autoconnect-slaves
      autoconnect-ports down-on-poweroff secondaries gateway-ping-timeout ip-ping-timeout ip-ping-addresses
      ip-ping-addresses-require-all metered lldp mdns llmnr dns-over-tls dnssec mptcp-flags mud-url
      wait-device-timeout wait-activation-delay`,
    ethernet: `
      port speed duplex auto-negotiate mac-address cloned-mac-address generate-mac-address-mask
      mac-address-blacklist mac-address-denylist mtu s390-subchannels s390-nettype s390-options wake-on-lan
      wake-on-lan-password accept-all-mac-addresses`,
    bridge: `
      mac-address stp priority forward-delay hello-time max-age ageing-time group-address group-forward-mask
      multicast-hash-max multicast-last-member-count multicast-last-member-interval
      multicast-membership-interval multicast-querier multicast-querier-interval multicast-query-interval
      multicast-query-response-interval multicast-query-use-ifaddr multicast-snooping
      multicast-startup-query-count multicast-startup-query-interval multicast-router vlan-filtering
      vlan-default-pvid vlan-stats-enabled vlan-protocol vlans interface-name`,
    'bridge-port': `
      priority path-cost hairpin-mode vlans`,
    vlan: `
      parent id flags protocol ingress-priority-map egress-priority-map interface-name`,
    ipv4: `
      method dns dns-search dns-options dns-priority addresses gateway routes route-metric route-table
      routing-rules replace-local-rule dhcp-send-release routed-dns ignore-auto-routes ignore-auto-dns
      dhcp-client-id dhcp-iaid dhcp-dscp dhcp-timeout dhcp-send-hostname dhcp-send-hostname-v2 forwarding
      dhcp-hostname dhcp-fqdn dhcp-hostname-flags never-default may-fail required-timeout dad-timeout
      dhcp-vendor-class-identifier dhcp-ipv6-only-preferred clat link-local dhcp-reject-servers
      auto-route-ext-gw shared-dhcp-range shared-dhcp-lease-time address route`,
    ipv6: `
      method dns dns-search dns-options dns-priority addresses gateway routes route-metric route-table
      routing-rules replace-local-rule dhcp-send-release routed-dns ignore-auto-routes ignore-auto-dns
      never-default may-fail required-timeout ip6-privacy temp-valid-lifetime temp-preferred-lifetime
      addr-gen-mode ra-timeout mtu dhcp-pd-hint dhcp-duid dhcp-iaid dhcp-timeout dhcp-send-hostname
      dhcp-send-hostname-v2 dhcp-hostname dhcp-hostname-flags auto-route-ext-gw token address route`,
    bond: `
      mode miimon updelay downdelay use_carrier primary primary_reselect active_slave fail_over_mac lacp_rate lacp_active ad_select
      ad_actor_sys_prio ad_actor_system ad_user_port_key arp_interval arp_ip_target arp_validate arp_all_targets arp_missed_max
      ns_ip6_target xmit_hash_policy resend_igmp num_grat_arp num_unsol_na all_slaves_active min_links packets_per_slave
      tlb_dynamic_lb lp_interval peer_notif_delay balance-slb interface-name`,
    'bond-port': `
      queue-id prio`,
    macvlan: `
      parent mode promiscuous tap`,
    infiniband: `
      mac-address mtu transport-mode p-key parent`,
    match: `
      interface-name kernel-command-line driver path`,
  },
  `
    6lowpan 802-11-olpc-mesh wifi wifi-security 802-1x adsl bluetooth cdma dcb dummy ethtool generic geneve
    gsm hostname hsr ip-tunnel ipvlan link loopback macsec ovs-bridge ovs-dpdk ovs-external-ids ovs-interface
    ovs-other-config ovs-patch ovs-port ppp pppoe prefix-delegation proxy serial sriov tc team team-port tun
    user veth vpn vrf vxlan wifi-p2p wimax wireguard wpan vpn-secrets .nmmeta vlans`,
);
