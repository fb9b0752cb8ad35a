import { expect, it, jest } from '@jest/globals';
import { main, root } from '../helpers/host.ts';
import { labCache, runInLab } from '../helpers/lab.ts';

jest.setTimeout(480_000);

const program = main.slice(root.length);

const container = `<domain type="lxc"><name>c1</name><memory unit="MiB">64</memory>
<os><type>exe</type><init>/bin/sleep</init><initarg>60000</initarg></os><features><privnet/></features><devices>
<filesystem type="mount"><source dir="/tmp/container"/><target dir="/"/></filesystem><console type="pty"/></devices></domain>`;

const guest = `<domain type="qemu"><name>q1</name><memory unit="MiB">64</memory><os><type arch="x86_64" machine="pc">hvm</type></os>
<features><acpi/></features><devices><memballoon model="none"/></devices></domain>`;

it('vm attach --vlan puts the tap into its VLAN on a bridge that filters: pings reach that one only', async () => {
  const { stdout, status } = await runInLab(
    `
    container=/tmp/container; mkdir -p $container/{bin,dev,proc,sys}
    cp ${labCache}/busybox $container/bin/; ln -s busybox $container/bin/sleep
    cat >/tmp/container.xml <<XML
${container}
XML
    cat >/tmp/guest.xml <<XML
${guest}
XML
    cat >/tmp/inside <<'INSIDE'
    set -e
    k='node ${program}'; lxc='-c lxc:///system'
    ip link add name br0 type bridge vlan_filtering 1; ip link set dev br0 up
    for id in 10 20; do
      ip netns add n$id
      ip link add name p$id type veth peer name eth0 netns n$id
      ip link set dev p$id master br0 up
      bridge vlan del dev p$id vid 1; bridge vlan add dev p$id vid $id pvid untagged
      ip -n n$id address add 10.99.0.$id/24 dev eth0; ip -n n$id link set dev eth0 up
    done
    virsh -q $lxc define /tmp/container.xml; virsh -q $lxc start c1
    virsh -q define /tmp/guest.xml; virsh -q start q1
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
INSIDE
    test/lab/enter bash /tmp/inside
  `,
    { nics: 0, seconds: 430 },
  );
  const [, inContainer = '', inGuest = '', refused = '', failed = ''] = stdout.split(/^== .*$/m);
  const only = (id: number): RegExp =>
    new RegExp(
      `vlans: \\[\\{"ifname":"[^"]+","vlans":\\[\\{"vlan":${String(id)},"flags":\\["PVID","Egress Untagged"\\]\\}\\]`,
    );

  expect(inContainer).toContain('warning: VLAN 10 is on the NIC until c1 stops');
  expect(inContainer).toMatch(only(10));
  expect(inContainer).toMatch(/^reaches 10\ndoes not reach 20\n/m);
  expect(inContainer).toMatch(/undone: plug c1 into br0\n.*no NICs/s);

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
