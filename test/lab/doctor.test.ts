/** doctor on a host with VLANs and bonds, and with problems that only a machine of its own can have. */
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { labLimit, runInLab } from '../helpers/lab.ts';
import { domainXml, given, networkXml } from '../system/doctor/rows.ts';
import { bareRows, labRows } from './doctor/rows.ts';

jest.setTimeout(labLimit * 1000);

interface Report {
  readonly findings: readonly { readonly code: string; readonly message: string; readonly remedy: string }[];
  readonly notChecked: readonly { readonly code: string; readonly reason: string }[];
}

/** This machine's own packages as newer ones, in the only repository of apt, which asks nothing. */
const repository = `
mkdir -p /tmp/repository /tmp/unpacked
old=$(dpkg-query -W -f '\${Version}' libvirt0)
for package in dnsmasq-base iptables nftables $(dpkg-query -W -f '\${Package} \${Version} \${db:Status-Status}\\n' 'libvirt*' | awk -v old="$old" '$2 == old && $3 == "installed" {print $1}'); do
  folder=/tmp/unpacked/$package; mkdir -p $folder/DEBIAN
  dpkg-query -L $package | while read -r file; do [[ ( -d $file && ! -L $file ) || ! -e $file ]] || echo "\${file#/}"; done | (cd / && xargs cp -a --parents -t $folder)
  for script in preinst postinst prerm postrm; do for file in /var/lib/dpkg/info/$package{,:*}.$script; do [[ ! -e $file ]] || cp $file $folder/DEBIAN/$script; done; done
  dpkg-query -W -f 'Package: \${Package}\\nVersion: \${Version}+newer\\nArchitecture: \${Architecture}\\nMulti-Arch: \${Multi-Arch}\\nMaintainer: \${Maintainer}\\nPre-Depends: \${Pre-Depends}\\nDepends: \${Depends}\\nProvides: \${Provides}\\nDescription: \${binary:Summary}\\n' $package |
    sed -e '/: $/d' -e "/Depends:/s/$old/$old+newer/g" >$folder/DEBIAN/control
  dpkg-deb -Znone --root-owner-group --build $folder /tmp/repository >/dev/null
done
cd /tmp/repository
for file in *.deb; do
  dpkg-deb --field $file; printf 'Filename: %s\\nSize: %s\\nSHA256: %s\\n\\n' "$file" "$(stat -c %s $file)" "$(sha256sum <$file | cut -d ' ' -f 1)"
done >Packages
cd /lab/src
rm -f /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/* /var/lib/man-db/auto-update; echo 'deb [trusted=yes] file:/tmp/repository ./' >/etc/apt/sources.list
printf 'APT::Get::Assume-Yes "true";\\nAPT::Sandbox::User "root";\\nAPT::Install-Recommends "false";\\nDpkg::Options { "--force-unsafe-io"; };\\n' >/etc/apt/apt.conf.d/lab
apt-get -q update
`;

/** VLAN 10 on a bond, for guests; a bridge that filters VLANs; and VLAN 20 of a NIC with an address. */
const healthy = `
ip link add bond0 type bond mode active-backup miimon 100
for nic in eno1 eno2; do ip link set $nic down; ip link set $nic master bond0; done
ip link set bond0 up
kvmnet vlan create bond0 10 --bridge brvlan-10
kvmnet vlan create bond0 20 --address 192.168.20.1/24
kvmnet bridge create br7 --port eno4 --vlan-filtering
ip tuntap add tap7 mode tap; ip link set tap7 up master br7; bridge vlan add dev tap7 vid 30 pvid untagged
ip tuntap add tap1 mode tap; ip link set tap1 up master brvlan-10
kvmnet net create vlan10 --bridge brvlan-10
`;

/** Namespaces behind ports of the bridge that filters VLANs, and guests with macvtap devices that are paused. */
const paths = `
port() {
  ip netns add $1; ip link add $1 type veth peer name eth0 netns $1; ip link set $1 up master br7; ip -n $1 link set eth0 up
  bridge vlan del dev $1 vid 1; bridge vlan add dev $1 vid $2 pvid untagged
}
port a30 30; port b30 30; port c40 40
ip link set eno3 up
for guest in M1:bridge:1 M2:bridge:2 M3:private:3; do
  IFS=: read -r name mode number <<<$guest
  sed "s/NAME/$name/; s/MODE/$mode/; s/NUMBER/$number/" >/run/doctor/guest.xml <<'XML'
${domainXml('NAME', "<interface type='direct'><mac address='52:54:00:d0:c1:0NUMBER'/><source dev='eno3' mode='MODE'/><model type='virtio'/></interface>")}
XML
  virsh -q define /run/doctor/guest.xml; virsh -q start --paused $name
done
# libvirt sets them up when the guest runs.
for device in $(cd /sys/class/net && ls -d macvtap*); do ip link set $device up; done
ip link add br8 type bridge stp_state 1 forward_delay 400; ip link set br8 up
ip netns add s1; ip netns add s2
for name in s1 s2; do ip link add $name type veth peer name eth0 netns $name; ip link set $name up master br8; ip -n $name link set eth0 up; done
for _ in $(seq 600); do [[ $(bridge link show | grep -c 'master br8 state forwarding') == 2 ]] && break; sleep 0.1; done
for ends in a30:b30 a30:c40 M1:M2 M1:M3 s1:s2; do
  echo "path $ends: $(kvmnet path \${ends%:*} \${ends#*:} --probe --json | jq -c '{verdict, reason, probe}')"
done
for name in M1 M2 M3; do virsh -q destroy $name; virsh -q undefine $name; done
for name in a30 b30 c40 s1 s2; do ip netns delete $name; done
for name in a30 b30 c40 s1 s2; do while ip link show $name >/dev/null 2>&1; do sleep 0.1; done; done
ip link delete br8; ip link set eno3 down
`;

const rows = [...bareRows, ...labRows];
const tries = rows.map(
  ({ code, break: script, correct = '', clean = '' }, index) => `
cat >/tmp/break <<'BREAK'
set -e
${script}
BREAK
cat >/tmp/correct <<'CORRECT'
${correct}
CORRECT
cat >/tmp/clean <<'CLEAN'
${clean}
CLEAN
try ${String(index)} ${code}`,
);

const script = `
mkdir -p /run/doctor; cd /lab/src
printf '#!/bin/sh\\nexec node /lab/src/dist/bin/kvmnet.js --yes "$@"\\n' >/run/doctor/kvmnet; chmod +x /run/doctor/kvmnet
PATH=/run/doctor:$PATH
try() {
  bash /tmp/break >/tmp/break.log 2>&1 || cat /tmp/break.log
  found=$(kvmnet doctor --json "$2" | jq -c)
  if grep -q . /tmp/correct; then cp /tmp/correct /tmp/remedy; else jq -r '.findings[].remedy' <<<"$found" >/tmp/remedy; fi
  bash -e /tmp/remedy >/tmp/remedy.log 2>&1 || cat /tmp/remedy.log
  echo "row $1: $(jq -c --argjson found "$found" --argjson after "$(kvmnet doctor --json "$2" | jq -c)" -n '{found: $found, after: $after}')"
  bash /tmp/clean
}
modprobe -a bonding dummy
${tries.slice(0, bareRows.length).join('\n')}
${healthy}
echo "healthy: $(kvmnet doctor --json | jq -c)"
${paths}
${given('keen', networkXml('keen', '192.168.210'))}
virsh -q net-define /run/doctor/keen.xml
(${repository}) >/tmp/repository.log 2>&1 || cat /tmp/repository.log
${tries.slice(bareRows.length).join('\n')}
echo "afterwards: $(kvmnet doctor --json | jq -c)"
`;

describe('doctor on a host with VLANs and bonds', () => {
  let stdout = '';
  const reported = (name: string): unknown => {
    const [, json] = new RegExp(`^${name}: (.*)$`, 'm').exec(stdout) ?? [];
    if (json === undefined) throw new Error(`no line ${name} in:\n${stdout}`);
    return JSON.parse(json);
  };

  beforeAll(async () => {
    const inside = `cat >/tmp/inside <<'INSIDE OF THE HOST'\n${script}\nINSIDE OF THE HOST\ntest/lab/enter bash /tmp/inside`;
    ({ stdout } = await runInLab(inside, { nics: 4 }));
  });

  it('finds nothing while all is well', () => {
    const { findings, notChecked } = reported('healthy') as Report;
    expect(findings).toEqual([]);
    expect(notChecked).toEqual([]);
  });

  it.each([
    ['a30:b30', 'ports in one VLAN of a bridge', 'reachable', 'answered'],
    ['a30:c40', 'ports in two VLANs of a bridge', 'unreachable', 'silent'],
    ['M1:M2', 'macvtap devices in mode bridge', 'reachable', 'answered'],
    ['M1:M3', 'macvtap devices of which one is private', 'unreachable', 'silent'],
    ['s1:s2', 'ports that STP delays', 'reachable', 'answered'],
  ])('and packets agree with path about %s: %s', (ends, _, verdict, answer) => {
    expect(reported(`path ${ends}`)).toMatchObject({ verdict, probe: { answer, agrees: true } });
  });

  it.each(rows.map((row, index) => ({ ...row, index })))(
    'finds $code, and prints what corrects it',
    ({ code, index, says = '' }) => {
      const { found, after } = reported(`row ${String(index)}`) as Readonly<Record<'found' | 'after', Report>>;
      expect(found.notChecked).toEqual([]);
      expect(found.findings.map((finding) => finding.code)).toContain(code);
      expect(found.findings.map(({ message }) => message).join('\n')).toContain(says);
      expect(after).toMatchObject({ findings: [], notChecked: [] });
    },
  );

  it('after all of which it finds nothing', () => {
    expect((reported('afterwards') as Report).findings).toEqual([]);
  });
});
