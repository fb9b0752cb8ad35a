/** The keys of netplan's maps. Source: netplan-yaml(5) of netplan 1.1. */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const netplanKeys = {
  network: words(`
    version renderer ethernets bridges bonds vlans wifis tunnels vrfs modems dummy-devices virtual-ethernets nm-devices openvswitch`),
  /** Of a device of any kind. */
  definition: words(`
    accept-ra activation-mode addresses critical ignore-carrier dhcp4 dhcp6 dhcp-identifier dhcp4-overrides
    dhcp6-overrides ra-overrides gateway4 gateway6 ipv6-address-generation ipv6-address-token ipv6-mtu
    ipv6-privacy link-local macaddress mtu nameservers optional optional-addresses renderer routes
    routing-policy hairpin port-mac-learning neigh-suppress networkmanager openvswitch match set-name wakeonlan
    wakeonwlan emit-lldp receive-checksum-offload transmit-checksum-offload tcp-segmentation-offload
    tcp6-segmentation-offload generic-segmentation-offload generic-receive-offload large-receive-offload auth
    link virtual-function-count embedded-switch-mode delay-virtual-functions-rebind infiniband-mode peer
    access-points regulatory-domain interfaces parameters id table apn auto-config device-id network-id number
    password pin sim-id sim-operator-id username mode local remote ttl key keys mark port peers ageing aging
    limit type-of-service flow-label do-not-fragment short-circuit arp-proxy mac-learning notifications
    checksums extensions port-range`),
  /** Of bridges and bonds. */
  parameters: words(`
    ageing-time aging-time forward-delay hello-time max-age path-cost port-priority priority stp mode lacp-rate
    mii-monitor-interval min-links transmit-hash-policy ad-select all-slaves-active all-members-active
    arp-interval arp-ip-targets arp-validate arp-all-targets up-delay down-delay fail-over-mac-policy
    gratuitous-arp gratuitious-arp packets-per-slave packets-per-member primary-reselect-policy resend-igmp
    learn-packet-interval primary`),
  nameservers: ['addresses', 'search'],
  route: words(`
    from to via on-link metric type scope table mtu congestion-window advertised-receive-window advertised-mss`),
} as const;
