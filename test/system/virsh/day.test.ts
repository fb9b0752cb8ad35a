import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { commandText, must, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { atTerminal, type Turn } from '../../helpers/terminal.ts';
import { waitFor } from '../../helpers/wait.ts';

const network = `<network><name>daynet</name><uuid>da100000-0000-4000-8000-000000000001</uuid><mac address='52:54:00:da:00:01'/>
  <bridge name='day0' stp='off' delay='0'/><ip address='192.168.217.1' netmask='255.255.255.0'><dhcp><range start='192.168.217.100' end='192.168.217.199'/></dhcp></ip></network>`;
const mac = '52:54:00:00:da:02';
const host = `<host mac='${mac}' name='day' ip='192.168.217.5'/>`;

/** A day of an administrator: a domain and a network are defined, used and removed. `$D` has the files. */
const day: readonly string[] = [
  'virsh uri',
  'virsh list --all',
  'virsh define $D/day.xml',
  'virsh define $D/nosuch.xml || virsh list --all --name',
  'virsh dominfo day | grep -v "CPU time"',
  'virsh autostart day',
  'virsh net-define $D/daynet.xml',
  'virsh net-start daynet; virsh net-autostart daynet',
  'virsh net-list --all',
  'virsh start day',
  'virsh start day 2>&1 | grep "already active"',
  'virsh list',
  'virsh domstate day --reason',
  `virsh attach-interface day network daynet --model virtio --mac ${mac} --live --config`,
  'virsh domiflist day',
  `virsh net-update daynet add ip-dhcp-host "${host}" --live --config`,
  'virsh net-dumpxml daynet | grep "<host"',
  'virsh console day',
  `virsh domif-setlink day ${mac} down && virsh domif-getlink day ${mac}`,
  'for vm in $(virsh list --name); do virsh dumpxml $vm --xpath "//interface/mac"; done',
  `virsh detach-interface day network --mac ${mac} --live --config`,
  `virsh net-update daynet delete ip-dhcp-host "${host}" --live --config`,
  'virsh suspend day && virsh resume day',
  "virsh 'domstate day; net-info daynet'",
  'virsh -q <<END\nlist --name\nnet-list --name\nEND',
  'virsh shutdown day',
  'virsh destroy day; virsh list --all',
  'virsh pool-list --all',
  'virsh net-destroy daynet && virsh net-undefine daynet',
  'virsh undefine day; virsh undefine day',
];

/** State of the host after a line. */
const state =
  'list --all; dumpxml day; dumpxml day --inactive; net-list --all; net-dumpxml daynet; net-dumpxml daynet --inactive';

interface Line {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: string;
  readonly state: string;
}

onPrivateHost('a day with virsh', () => {
  const guests: Guest[] = [];
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-day-`);
    const guest = await makeGuest('day', { terminal: true, start: false });
    guests.push(guest);
    await writeFile(`${folder}/day.xml`, await virsh('dumpxml', 'day', '--inactive'));
    await writeFile(`${folder}/daynet.xml`, network);
    await guest.remove();
    await copyFile('/usr/bin/virsh', `${folder}/real`);
    await must('chmod', ['755', `${folder}/real`]);
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    await rm(folder, { recursive: true });
  });

  /** Values that differ between two days: numbers of domains and processes, taps, ports, times. */
  const steady = (text: string): string =>
    text
      // virsh at a terminal starts an agent for polkit, which a private host does not have.
      .replaceAll(/^Authorization not available\..*\n/gm, '')
      .replaceAll(/^ \d+ +day/gm, ' N day')
      .replaceAll(/ id='\d+'/g, " id='N'")
      .replaceAll(/^Id: +\d+/gm, 'Id: N')
      // With the spaces behind: a column has more of them behind a number of one digit.
      .replaceAll(/vnet\d+( ?) */g, 'vnetN$1')
      .replaceAll(/ portid='[\da-f-]+'/g, '')
      .replaceAll(/\/dev\/pts\/\d+/g, '/dev/pts/N')
      .replaceAll(/ +$/gm, '')
      .replaceAll(/^ (Id|-+).*$/gm, ' $1');

  /** Spends the day at a terminal, where `virsh` is the command; files have each line's output and result. */
  const spend = async (name: string, command: string): Promise<Readonly<Record<string, Line>>> => {
    const [files, script] = [`${folder}/${name}`, `${folder}/${name}.sh`];
    await mkdir(files);
    const lines = day.map((line, index) => {
      const isTyped = line === 'virsh console day';
      const file = `${files}/${index}`;
      const put = isTyped ? '' : `>${file}.stdout 2>${file}.stderr </dev/null`;
      // A here-document is its command's input all the same.
      return `echo 'LINE ${index}'\n{ ${line}\n} ${put}\necho $? >${file}.status\n${folder}/real '${state}' >${file}.state 2>&1\n`;
    });
    await writeFile(script, `D=${folder}\nshopt -s expand_aliases\nalias virsh="${command}"\n${lines.join('')}`);
    const turns: readonly Turn[] = [
      ["Connected to domain 'day'\nEscape character is ^] (Ctrl + ])\n", '\r'],
      ['# ', 'echo $((6*7)) answers\r'],
      ['42 answers', '\u001d'],
    ];
    const isUp = async (): Promise<boolean | undefined> => (await guests[0]?.console())?.includes('GUEST UP');
    const wait = async (): Promise<void> => {
      await waitFor('the guest to be up', isUp);
    };
    await atTerminal(`bash ${script}`, turns, { at: { 0: wait } });
    const read = (file: string): Promise<string> => readFile(`${files}/${file}`, 'utf8');
    const there = new Set(await readdir(files));
    const entries = day.map(async (line, index) => {
      const [stdout = '', stderr = '', status = '', left = ''] = await Promise.all(
        ['stdout', 'stderr', 'status', 'state']
          .map((part) => `${index}.${part}`)
          .map((file) => (there.has(file) ? read(file) : Promise.resolve(''))),
      );
      return [line, { stdout: steady(stdout), stderr: steady(stderr), status, state: steady(left) }] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  };

  /** kvmnet's own lines come after virsh's. */
  const withoutOurs = (lines: Readonly<Record<string, Line>>): Readonly<Record<string, Line>> =>
    Object.fromEntries(
      Object.entries(lines).map(([line, said]) => {
        const { stderr } = said;
        return [line, { ...said, stderr: stderr.replaceAll(/^(hint|warning): .*\n/gm, '') }];
      }),
    );

  it('is the same with kvmnet installed as virsh, with and without virsh', async () => {
    const alias = `${commandText} virsh`;
    const theirs = await spend('virsh', '/usr/bin/virsh');
    const failed = Object.entries(theirs).filter(([, { status }]) => status !== '0\n');
    // It is undefined by the first of the two.
    expect(failed.map(([line]) => line)).toEqual(['virsh undefine day; virsh undefine day']);
    const beside = await spend('beside', alias);
    expect(withoutOurs(beside)).toEqual(theirs);
    await must('mount', ['--bind', '/dev/null', '/usr/bin/virsh']);
    const { 'virsh pool-list --all': pools, ...without } = withoutOurs(
      await spend('without', alias).finally(() => must('umount', ['/usr/bin/virsh'])),
    );
    const { 'virsh pool-list --all': _, ...others } = theirs;
    expect(without).toEqual(others);
    expect(pools).toMatchObject({ stdout: '', status: '1\n' });
    expect(pools?.stderr).toContain("error: kvmnet has no command 'pool-list', and virsh is not installed\n");
  });
});
