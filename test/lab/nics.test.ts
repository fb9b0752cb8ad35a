import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Outcome } from '../helpers/host.ts';
import { labCache, labLimit, runEachInLab } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

const rated = `<domain type="qemu"><name>r1</name><memory unit="MiB">64</memory><os><type arch="x86_64" machine="pc">hvm</type></os>
<features><acpi/></features><devices><memballoon model="none"/>
<interface type="network"><mac address="52:54:00:00:00:01"/><source network="rate"/><model type="virtio"/></interface></devices></domain>`;

const plain = `<domain type="qemu"><name>q1</name><memory unit="MiB">64</memory><os><type arch="x86_64" machine="pc">hvm</type></os>
<features><acpi/></features><devices><memballoon model="none"/></devices></domain>`;

const container = `<domain type="lxc"><name>c1</name><memory unit="MiB">64</memory>
<os><type>exe</type><init>/bin/sleep</init><initarg>60000</initarg></os><features><privnet/></features><devices>
<filesystem type="mount"><source dir="/tmp/container"/><target dir="/"/></filesystem><console type="pty"/></devices></domain>`;

/** One after the other on one private host. */
const scripts = {
  // The guest is never resumed: what the kernel limits is its tap. The network is open: the machine's kernel has no firewall for IP.
  rate: `
    modprobe -a sch_htb sch_sfq sch_ingress cls_u32 cls_fw act_police
    cat >/tmp/net.xml <<XML
<network><name>rate</name><forward mode="open"/><bridge name="rate0" stp="off" delay="0"/>
<bandwidth><inbound average="10000"/></bandwidth><ip address="10.98.0.1" prefix="24"/></network>
XML
    cat >/tmp/guest.xml <<XML
${rated}
XML
    set -e
    k=kvmnet; nic='r1 52:54:00:00:00:01'
    virsh -q 'net-define /tmp/net.xml; net-start rate; define /tmp/guest.xml; start r1 --paused'
    $k vm rate r1 0 --in 100mbit --out 8mbit
    echo "classes: $(tc class show dev vnet0)"
    echo "police: $(tc filter show dev vnet0 ingress)"
    $k vm rate r1 0
    virsh dumpxml r1 | grep -c 'inbound average=.12500'
    virsh dumpxml r1 --inactive | grep -c 'outbound average=.1000'
    $k undo --yes
    echo "left: $(tc class show dev vnet0) $(tc qdisc show dev vnet0 | grep -E 'htb|ingress')."
    echo "definitions: $(virsh dumpxml r1 | grep -c average) $(virsh dumpxml r1 --inactive | grep -c average)"

    echo '== floor'
    tune() {
      $1 domiftune $nic --inbound 100,200,300,50 --outbound 10 && echo "status $?"
      $1 domiftune $nic --inbound ,,,70 --live && echo "status $?"
      virsh domiftune $nic
      virsh dumpxml r1 | grep -E 'average|floor'
      tc class show dev rate0 | grep -o 'rate .*' | sort
    }
    tune "$k" >/tmp/by-kvmnet
    virsh domiftune $nic
    $k undo --yes
    virsh domiftune $nic
    $k undo --yes
    echo "limits left: $(virsh dumpxml r1 | grep -c average)"
    tune virsh >/tmp/by-virsh
    diff /tmp/by-virsh /tmp/by-kvmnet && echo 'a floor as by virsh'
    virsh -q 'destroy r1; undefine r1; net-destroy rate; net-undefine rate'
`,
  vlan: `
    container=/tmp/container; mkdir -p $container/{bin,dev,proc,sys}
    cp ${labCache}/busybox $container/bin/; ln -s busybox $container/bin/sleep
    cat >/tmp/container.xml <<XML
${container}
XML
    cat >/tmp/guest.xml <<XML
${plain}
XML
    set -e
    k=kvmnet; lxc='-c lxc:///system'
    ip link add name br0 type bridge vlan_filtering 1; ip link set dev br0 up
    for id in 10 20; do
      ip netns add n$id
      ip link add name p$id type veth peer name eth0 netns n$id
      ip link set dev p$id master br0 up
      bridge vlan del dev p$id vid 1; bridge vlan add dev p$id vid $id pvid untagged
      ip -n n$id address add 10.99.0.$id/24 dev eth0; ip -n n$id link set dev eth0 up
    done
    virsh -q $lxc define /tmp/container.xml
    # libvirt never knows the first process of a container whose controller was faster than the monitor: nothing can be plugged in then.
    is_known() { for _ in {1..20}; do [[ $(virsh $lxc lxc-enter-namespace c1 /none 2>&1) == *'nit pid is not yet'* ]] || return 0; sleep 0.5; done; false; }
    for _ in {1..5}; do virsh -q $lxc start c1; is_known && break; virsh -q $lxc destroy c1; done
    virsh -q 'define /tmp/guest.xml; start q1 --paused'
    tap() { virsh -q $1 domiflist $2 | awk '{print $1}'; }
    vlans() { echo "vlans: $(bridge -j vlan show dev $1)"; }
    reaches() { nsenter --net --target $pid ${labCache}/busybox ping -c 1 -w 3 10.99.0.$1 >/dev/null && echo "reaches $1" || echo "does not reach $1"; }

    echo '== container'
    $k $lxc vm attach c1 br0 --vlan 10 --live --mac 52:54:00:00:99:01
    vlans $(tap "$lxc" c1)
    pid=$(pgrep -f '^/bin/sleep 60000')
    inner=$(nsenter --net --target $pid ip -br link | awk '$1 !~ /^lo/ {sub(/@.*/, "", $1); print $1; exit}')
    nsenter --net --target $pid ip address add 10.99.0.1/24 dev $inner
    nsenter --net --target $pid ip link set dev $inner up
    reaches 10; reaches 20
    $k $lxc undo --yes; $k $lxc vm nics c1
    echo '== guest'
    $k vm attach q1 br0 --vlan 20 --live --mac 52:54:00:00:99:02
    vlans $(tap '' q1)
    echo "link: $(virsh -q domif-getlink q1 52:54:00:00:99:02)"
    echo "next boot: $(virsh dumpxml q1 --inactive | grep -c '<interface')"
    $k history --last 1
    echo '== refused'
    before=$(virsh dumpxml q1; virsh dumpxml q1 --inactive; ip link; bridge vlan)
    $k vm attach q1 br0 --vlan 20 || echo "status $?"
    ip link set dev br0 type bridge vlan_filtering 0
    $k vm attach q1 br0 --vlan 20 --live || echo "status $?"
    [ "$before" = "$(virsh dumpxml q1; virsh dumpxml q1 --inactive; ip link; bridge vlan)" ] && echo 'nothing changed'
    echo '== failed'
    ip link set dev br0 type bridge vlan_filtering 1
    mkdir /tmp/fake; printf '#!/bin/sh\\ncase "$*" in *"vlan add"*) echo broken >&2; exit 1;; esac\\nexec /tmp/bridge "$@"\\n' >/tmp/fake/bridge
    cp -L $(command -v bridge) /tmp/bridge; chmod +x /tmp/fake/bridge; mount --bind /tmp/fake/bridge $(readlink -f $(command -v bridge))
    $k $lxc vm attach c1 br0 --vlan 10 --live || echo "status $?"
    umount $(readlink -f $(command -v bridge))
    $k $lxc vm nics c1
`,
};

let said: Readonly<Record<keyof typeof scripts, Outcome>>;
beforeAll(async () => {
  said = await runEachInLab(scripts, { nics: 0 });
});

describe('vm rate on a kernel that can limit', () => {
  it('limits a running guest from its own view, live and in the configuration, and takes the limit away', () => {
    const { stdout, status } = said.rate;
    // Frames to the guest leave the host by the tap: a class; frames from the guest enter there: a policer.
    expect(stdout).toMatch(/classes: .*rate 100Mbit/);
    expect(stdout).toMatch(/police: [^]*rate 8Mbit/);
    expect(stdout).toMatch(/live +100mbit +8mbit\n.*next boot +100mbit +8mbit\n1\n1\n/);
    expect(stdout).toContain('left:  .');
    expect(stdout).toContain('definitions: 0 0');
    expect(status).toBe(0);
  });

  it('guarantees a running guest a floor as virsh does, and removes it again', () => {
    const { stdout, status } = said.rate;
    expect(stdout).toMatch(/^limits left: 0\na floor as by virsh$/m);
    expect(stdout).toMatch(/inbound\.average *: 0\n(?:.*\n)*inbound\.floor *: 70\n(?:.*\n)*outbound\.average *: 10\n/);
    expect(stdout).toMatch(/undone: (?:.*\n)*inbound\.average *: 100\n(?:.*\n)*inbound\.floor *: 50\n/);
    expect(status).toBe(0);
  });
});

it('vm attach --vlan puts the tap into its VLAN on a bridge that filters: pings reach that one only', () => {
  const { stdout, status } = said.vlan;
  const [, inContainer = '', inGuest = '', refused = '', failed = ''] = stdout.split(/^== .*$/m);
  const only = (id: number): RegExp =>
    new RegExp(
      `vlans: \\[\\{"ifname":"[^"]+","vlans":\\[\\{"vlan":${String(id)},"flags":\\["PVID","Egress Untagged"\\]\\}\\]`,
    );

  expect(inContainer).toContain('warning: VLAN 10 is on the NIC until c1 stops');
  expect(inContainer).toMatch(only(10));
  expect(inContainer).toMatch(/^reaches 10\ndoes not reach 20\n/m);
  expect(inContainer).toMatch(/undone: attach c1 to br0\n.*no NICs/s);

  expect(inGuest).toMatch(only(20));
  expect(inGuest).toMatch(/^link: \S+ up\nnext boot: 0$/m);
  expect(inGuest).toMatch(/done +vm attach q1 br0 .*--vlan=20/);

  expect(refused).toMatch(
    /--vlan on the Linux bridge of br0 at the next boot needs libvirt 11\.0, this is 9\..*\nhint: with --live /,
  );
  expect(refused).toMatch(/br0, which does not filter VLANs, needs libvirt 11\.0.*\nhint: .*--bridge brvlan-20/);
  expect(refused.match(/^status 2$/gm)).toHaveLength(2);
  expect(refused).toContain('nothing changed');

  expect(failed).toMatch(/broken.*everything is as before/s);
  expect(failed).toMatch(/^status 1$/m);
  expect(failed).toMatch(/no NICs/);
  expect(status).toBe(0);
});
