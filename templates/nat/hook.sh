#!/bin/sh
# Restores the port forwards and the source NAT of kvmnet. Written by kvmnet, and removed with the last of them.
# libvirt calls it for its networks (https://libvirt.org/hooks.html), systemd calls it at boot. It calls neither libvirt, which would wait for
# itself, nor kvmnet, and always ends with status 0: a network starts in any case.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
case ${2-} in started | updated | restore) ;; *) exit 0 ;; esac
cd /etc/kvmnet || exit 0
exec >/dev/null 2>&1

# first PROGRAM TABLE CHAIN OWN: the jump to OWN is the first rule of CHAIN
first() {
  [ "$("$1" -w -t "$2" -S "$3" 1)" = "-A $3 -j $4" ] && return
  "$1" -w -t "$2" -D "$3" -j "$4"
  "$1" -w -t "$2" -I "$3" 1 -j "$4"
}

for program in iptables ip6tables; do
  [ -s "nat.$program" ] && "$program-restore" -w --noflush <"nat.$program" || continue
  while read -r line; do
    case $line in
    ':KVMNET_RAW '*) first "$program" raw PREROUTING KVMNET_RAW ;;
    ':KVMNET_DNAT '*)
      first "$program" nat PREROUTING KVMNET_DNAT
      first "$program" nat OUTPUT KVMNET_DNAT
      ;;
    ':KVMNET_SNAT '*) first "$program" nat POSTROUTING KVMNET_SNAT ;;
    ':KVMNET_FWD '*) first "$program" filter FORWARD KVMNET_FWD ;;
    esac
  done <"nat.$program"
done

[ -s nat.nft ] && nft -f nat.nft
for family in ip ip6; do
  [ -s "nat.nft.$family" ] && nft -f "nat.nft.$family" || continue
  case $(nft list chain "$family" libvirt_network forward) in
  *'jump kvmnet'*) ;;
  *) nft insert rule "$family" libvirt_network forward jump kvmnet ;;
  esac
done

# admit FAMILY TABLE CHAIN COMMENT WORD...: a rule among those of another program, as its first one, if the chain exists without it
admit_iptables() {
  [ "$1" = ip ] && program=iptables || program=ip6tables
  table=$2 chain=$3 comment=$4
  shift 4
  rules=$("$program" -w -t "$table" -S "$chain") || return
  case $rules in *"--comment \"$comment\""* | *"--comment $comment "*) return ;; esac
  "$program" -w -t "$table" -I "$chain" 1 -m comment --comment "$comment" "$@"
}
admit_nft() {
  place="$1 $2 $3" comment=$4
  shift 4
  rules=$(nft list chain $place) || return
  case $rules in *"comment \"$comment\""*) return ;; esac
  nft insert rule $place "$@" comment "\"$comment\""
}
set -f
[ -s nat.admitted ] && while read -r tool rule; do
  "admit_$tool" $rule
done <nat.admitted

[ -s nat.devices ] && while read -r device; do
  echo 1 >"/proc/sys/net/ipv4/conf/$device/route_localnet"
done <nat.devices
exit 0
