/** Programs that bring links up at boot, in a virtual machine of the lab: ifupdown, systemd-networkd, NetworkManager and netplan. */
import { labCache } from '../lab.ts';

/**
 * Bash functions for a script of the lab. `state` prints links, addresses and routes as JSON, without values
 * that differ from boot to boot: indexes, counters, the origin of a route, duplicates of a subnet's own
 * route, a port's delay if STP were on. `settled_state FILE` saves it once all addresses are ready;
 * `tear_down` removes all of it; `same_state FILE` waits until the state equals FILE, and prints the
 * difference if it never does. `start_udev`, `start_networkd` and `start_networkmanager` start these as
 * process 1 would; `stop PROGRAM` ends one.
 */
export const managersPrelude = `
mkdir -p /run/modules; mount --bind /lib/modules /run/modules # the overlay hides what is mounted below /usr
mount -t overlay managers -o lowerdir=${labCache}/managers/usr:/usr /usr
mount --bind /run/modules /lib/modules
cp -a ${labCache}/managers/etc/. /etc/
ldconfig
mkdir -p /etc/network/interfaces.d /etc/netplan /run/network /run/systemd
state() {
  ip -j -d address show | jq -S '[.[] | select(.ifname != "lo") | . as $link | {
    ifname, mtu, master, address, up: (.flags | index("UP") != null), kind: .linkinfo.info_kind, parent: .link,
    data: ((.linkinfo.info_data // {}) | if .stp_state == 0 then del(.forward_delay) else . end | {id, protocol, stp_state, forward_delay, hello_time, max_age, ageing_time, priority, vlan_filtering, mode, miimon, primary}),
    addresses: [.addr_info[] | select($link.master == null and ($link.linkinfo.info_kind != null or .scope != "link"))
      | "\\(.local)/\\(.prefixlen)"] | sort }] | sort_by(.ifname)'
  { ip -j -4 route show; ip -j -6 route show; } | jq -s -S '[.[][] | select(.dst | test("^(fe80|ff00|multicast)") | not)
    | if .gateway == null and .protocol == "kernel" then {dst, dev} else {dst, gateway, dev, metric, prefsrc} end] | unique'
  bridge -j link | jq -S '[.[] | {ifname, master, state, mtu}] | sort_by(.ifname)'
}
settled_state() { # FILE: once each device that is up and no port has its address in fe80::/64
  local link end=$((SECONDS + 60))
  for link in $(ip -j -d link show up | jq -r '.[] | select(.ifname != "lo" and .master == null) | .ifname'); do
    until ip -j -6 address show dev "$link" scope link | jq -e 'any(.[0].addr_info[]; .local and (.tentative | not))' >/dev/null; do
      [[ $SECONDS -lt $end ]] || break; sleep 0.2
    done
  done
  state >"$1"
}
tear_down() {
  local link
  for link in $(ip -j -d link show | jq -r '.[] | select(.linkinfo.info_kind != null) | .ifname'); do ip link delete "$link" 2>/dev/null; done
  for link in /sys/class/net/eno*; do link=\${link##*/}; ip link set "$link" down; ip address flush dev "$link"; ip link set "$link" mtu 1500; done
}
same_state() { # FILE
  local end=$((SECONDS + 90))
  until state >/tmp/state.now; cmp -s "$1" /tmp/state.now; do [[ $SECONDS -lt $end ]] || break; sleep 0.5; done
  cmp -s "$1" /tmp/state.now && { echo 'the state is as before'; return 0; }
  diff -u "$1" /tmp/state.now
}
start_udev() {
  /lib/systemd/systemd-udevd --daemon 2>/dev/null
  udevadm trigger --action=add; udevadm settle
}
stop() { pkill -x "\${1:0:15}"; while pgrep -x "\${1:0:15}" >/dev/null; do sleep 0.1; done; }
start_networkd() { SYSTEMD_LOG_LEVEL=info /lib/systemd/systemd-networkd >/tmp/networkd.log 2>&1 & }
start_networkmanager() { # its dispatcher runs this script of ifenslave when a port of a bond comes back, which takes it out again
  rm -f /etc/network/if-post-down.d/ifenslave
  mkdir -p /run/dbus; dbus-daemon --system --fork
  NetworkManager --debug --log-level=INFO >/tmp/networkmanager.log 2>&1 &
}
`;
