import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { commandText, run, virsh, virshWith } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const networks = {
  lan: `<network><name>lan</name><uuid>1a000000-0000-4000-8000-000000000001</uuid><bridge name='lan0' stp='off' delay='0'/>
    <ip address='192.168.219.1' netmask='255.255.255.0'><dhcp><range start='192.168.219.2' end='192.168.219.9'/></dhcp></ip></network>`,
  spare: `<network><name>spare</name><uuid>1a000000-0000-4000-8000-000000000002</uuid><bridge name='spare0' stp='off' delay='0'/></network>`,
};
const mac = '52:54:00:00:1a:01';
const nic = `<interface type='network'><mac address='${mac}'/><source network='lan'/><model type='virtio'/></interface>`;
const entry = "<host mac='52:54:00:00:1a:09' ip='192.168.219.9'/>";

/** Lines of a shell, in the forms of scripts, on a daemon with two domains and two networks: each leaves what it found. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'have options before the command': [
    'virsh -c qemu:///system list --all',
    'virsh --connect qemu:///system net-list --all --name',
    'virsh -qc qemu:///system list --name',
    'VIRSH_DEFAULT_CONNECT_URI=qemu:///system virsh uri',
    'LIBVIRT_DEFAULT_URI=test:///default virsh list --name',
    'virsh -r net-destroy lan; virsh -r list',
    'virsh -r console on',
    'virsh --quiet --readonly net-list',
    'virsh -q domstate on --reason',
    'virsh -t domid off | head -n 1',
    'virsh -c qemu+unix:///system list --name',
    'virsh -c qemu:///nosuch list',
    'virsh -c qemu:///system?socket=/nosuch list',
  ],
  'are read from one argument or from standard input': [
    "virsh 'list --all; net-list --all; domstate off'",
    "virsh 'net-start spare; net-list; net-destroy spare'",
    "virsh 'suspend on; domstate on; resume on; domstate on --reason'",
    "virsh 'net-info nosuch; net-info lan'; echo $?",
    'echo list --all | virsh',
    "printf '%s\\n' 'list --all' 'net-list' quit | virsh -q",
    'virsh <<END\nlist --name\nnet-autostart spare\nnet-list --all\nnet-autostart spare --disable\nquit\nlist\nEND',
    'virsh -q <<< "domiflist on" | wc -l',
    'virsh < /dev/null',
    'cat <<END | virsh -r\ndestroy on\nlist\nEND',
  ],
  'stand in pipes and loops': [
    'for vm in $(virsh list --all --name); do virsh domstate "$vm"; done',
    'for net in $(virsh -q net-list --all | awk \'{ print $1 }\'); do virsh net-info "$net" | grep -E "Active|Bridge"; done',
    'virsh list --all | tail -n +3 | while read -r id name state; do echo "$name is $state"; done',
    'virsh list --name | while read -r vm; do [ -n "$vm" ] && virsh domiflist "$vm" | awk \'NR > 2 && NF { print $3, $5 }\'; done',
    'virsh net-dumpxml lan | sed -n "s/.*<bridge name=.\\([a-z0-9]*\\).*/\\1/p"',
    'virsh dumpxml on | grep -c "<interface"',
    'virsh dumpxml on --inactive --xpath "//interface/mac/@address"',
    'virsh domuuid on | tr -d "\\n" | wc -c',
    'virsh list --all | grep -qw off && echo there',
    'until virsh domstate on | grep -q running; do sleep 1; done; echo runs',
    'virsh net-list --inactive --name | xargs -r -n 1 echo starts',
  ],
  'are looked through for errors': [
    'virsh dominfo nosuch 2>&1 | grep "failed to get domain"',
    'virsh net-info nosuch 2>&1 | grep "no network with matching name"',
    'virsh net-start lan 2>&1 | grep -q "already active" && echo "goes on"',
    'virsh net-destroy spare 2>&1 | head -n 2',
    'virsh start on 2>&1 >/dev/null',
    'virsh destroy off 2>&1',
    'virsh shutdown off || echo "is off"',
    'virsh undefine nosuch --nvram 2>/dev/null || true; echo $?',
    'virsh net-undefine nosuch >/dev/null 2>&1; echo $?',
    'virsh net-define /nosuch.xml',
    'virsh net-define <(echo "<network><name>x") 2>&1 | head -n 3',
    'virsh net-uuid 1a000000-0000-4000-8000-000000000001',
    'virsh net-info 1a000000-0000-4000-8000-00000000000f; virsh nwfilter-dumpxml 1a000000-0000-4000-8000-00000000000f',
    'virsh net-port-dumpxml lan nosuch; echo $?',
    'virsh net-port-delete lan 1a000000-0000-4000-8000-00000000000f; echo $?',
    'virsh domifstat on nosuch; virsh domif-getlink on nosuch; virsh domiftune on nosuch',
    'virsh console off; virsh console nosuch; virsh console on',
    'virsh nosuch; virsh list --nosuch; virsh net-info',
    'if ! virsh dominfo nosuch &>/dev/null; then echo "not there"; fi',
    'virsh iface-dumpxml nosuch; virsh iface-list --all | head -n 2',
  ],
  'change something and take it back': [
    `virsh net-update lan add ip-dhcp-host "${entry}" --live --config && virsh net-dumpxml lan | grep -c "<host"; virsh net-update lan delete ip-dhcp-host "${entry}" --live --config`,
    `virsh net-update lan modify ip-dhcp-host "${entry}" --config`,
    'virsh net-start spare && virsh net-destroy spare',
    'virsh net-autostart lan; virsh net-list --autostart --name; virsh net-autostart --disable lan',
    'virsh autostart off && virsh list --all --autostart --name; virsh autostart off --disable',
    'virsh dumpxml off > $D/off.xml && virsh undefine off && virsh define $D/off.xml',
    'virsh net-dumpxml spare > $D/spare.xml && virsh net-undefine spare && virsh net-define $D/spare.xml',
    `virsh domif-setlink on ${mac} down && virsh domif-getlink on ${mac}; virsh domif-setlink on ${mac} up`,
    `virsh domif-setlink off ${mac} down --config; virsh domif-getlink off ${mac} --config; virsh domif-setlink off ${mac} up --config`,
    'virsh suspend on && virsh resume on && virsh domstate on',
  ],
};

onPrivateHost("lines of a shell with virsh's alias", () => {
  const guests: Guest[] = [];

  beforeAll(async () => {
    for (const xml of Object.values(networks)) await virshWith(xml, 'net-define', 'FILE');
    await virsh('net-start', 'lan');
    guests.push(await makeGuestWithoutSystem('on', { nics: [nic] }));
    guests.push(await makeGuestWithoutSystem('off', { nics: [nic], start: false }));
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    await run('virsh', ['net-destroy lan; net-undefine lan; net-undefine spare']);
  });

  /**
   * Allowed differences: times, temporary names, the socket's name, and kvmnet's own lines, which come after
   * virsh's.
   */
  const steady = (text: string): string =>
    text
      .replaceAll(/^(hint|warning): .*\n/gm, '')
      .replaceAll('libvirt-sock-ro', 'libvirt-sock')
      .replaceAll(/\/tmp\/tmp\.\w+/g, '/tmp/D')
      .replaceAll(/\(Time: .*\)/g, '(Time)');

  const state = async (): Promise<string> => {
    const text = await virsh(
      'list --all; list --all --autostart; net-list --all; net-dumpxml lan; net-dumpxml lan --inactive; net-dumpxml spare; dumpxml on; dumpxml off',
    );
    // A link that was down and is up again is written out.
    return text.replaceAll(/ *<link state='up'\/>\n/g, '');
  };

  const told = async (line: string, command: string) => {
    const text = `shopt -s expand_aliases\nD=$(mktemp -d); trap 'rm -r $D' EXIT\nalias virsh="${command}"\n${line}\n`;
    const { stdout, stderr, status } = await run('bash', ['-c', text]);
    return { stdout: steady(stdout), stderr: steady(stderr), status, state: await state() };
  };

  it.each(Object.entries(groups))('%s', async (_title, lines) => {
    const theirs: Record<string, unknown> = {};
    const ours: Record<string, unknown> = {};
    for (const line of lines) {
      theirs[line] = await told(line, 'virsh');
      ours[line] = await told(line, `${commandText} virsh`);
    }
    expect(ours).toEqual(theirs);
  });
});
