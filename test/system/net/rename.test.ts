import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kvmnetWithFault } from '../../helpers/fault/fault.ts';
import { expectWithin } from '../../helpers/figure.ts';
import { makeGuest, makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { answers, knocking } from '../../helpers/reach.ts';

const uuid = '5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7a11';
const mac = (last: string): string => `52:54:00:a8:00:${last}`;
const network = (name: string): string => `<network>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <metadata><own:note xmlns:own='http://example.org/own'>kept</own:note></metadata>
  <forward mode='nat'/>
  <bridge name='named0' stp='off' delay='0'/>
  <mac address='52:54:00:a8:00:01'/>
  <ip address='192.168.201.1' netmask='255.255.255.0'><dhcp>
    <range start='192.168.201.2' end='192.168.201.254'/><host mac='52:54:00:a8:00:99' ip='192.168.201.99'/>
  </dhcp></ip>
</network>`;

const nic = (address: string, source: string): string =>
  `<interface type='${source.startsWith('bridge') ? 'bridge' : 'network'}'><mac address='${address}'/><source ${source}/><model type='virtio'/></interface>`;

/**
 * All definitions, without the numbers of ports: a rename keeps them under another name, and its undo
 * restores them.
 */
async function everything(): Promise<string> {
  const names = (await virsh('net-list', '--all', '--name')).trim().split('\n').sort();
  const networks = names.flatMap((name) => [
    ['net-info', name],
    ['net-dumpxml', name],
    ['net-dumpxml', name, '--inactive'],
  ]);
  const domains = [
    ['dumpxml', 'awake'],
    ['dumpxml', 'awake', '--inactive', '--security-info'],
    ['dumpxml', 'asleep', '--security-info'],
  ];
  const said = await Promise.all([...networks, ...domains].map((line) => virsh(...line)));
  return said.join('\n').replaceAll(/ portid='[^']*'/g, '');
}

async function names(): Promise<string[]> {
  return (await virsh('net-list', '--all', '--name')).trim().split('\n').sort();
}

async function leases(name: string): Promise<string> {
  return virsh('net-dhcp-leases', name);
}

onPrivateHost('net rename', () => {
  const guests: Guest[] = [];
  let address: string;
  const fixed = '192.168.210.10';

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'lan0', 'type', 'bridge']);
    await must('ip', ['address', 'add', '192.168.210.1/24', 'dev', 'lan0']);
    await must('ip', ['link', 'set', 'dev', 'lan0', 'up']);
    const lan = `<network><name>lan</name><forward mode='bridge'/><bridge name='lan0'/></network>`;
    for (const xml of [network('old'), lan]) await virshWith(xml, 'net-define', 'FILE');
    for (const name of ['old', 'lan']) await virsh('net-start', name);
    await virsh('net-autostart', 'old');
    guests.push(
      await makeGuest('awake', {
        nics: [nic(mac('10'), "network='old'"), nic(mac('12'), "network='lan'"), nic(mac('11'), "bridge='named0'")],
        kernelArguments: `guest.ip=eth1=${fixed}/24`,
      }),
      await makeGuestWithoutSystem('asleep', {
        nics: [nic(mac('20'), "network='old'"), "<graphics type='vnc' passwd='secret'/>"],
        start: false,
      }),
    );
    address = (await guests[0]?.lease('eth0')) ?? '';
    await answers(address);
    await answers(fixed);
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    for (const name of await names()) await kvmnet(['net', 'delete', name, '--yes']);
    await must('ip', ['link', 'delete', 'dev', 'lan0']);
  });

  async function done(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, status } = await kvmnet(args);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return stdout;
  }

  it('names every running guest that it cuts off, for how long, and does nothing without consent', async () => {
    const before = await everything();
    const { status, stderr } = await kvmnet(['net', 'rename', 'old', 'new']);
    expect(status).toBe(2);
    for (const nicMac of [mac('10'), mac('11')]) {
      expect(stderr).toMatch(
        new RegExp(`renaming network old cuts off awake: NIC ${nicMac} \\(vnet\\d+\\) for about 1 s`),
      );
    }
    expect(stderr).not.toContain('asleep');
    expect(await everything()).toBe(before);
  });

  it('takes all references along, and keeps UUID, MAC, leases and autostart; the guest answers again untouched', async () => {
    const [before, held] = [await everything(), await leases('old')];
    expect(held).toContain(address);
    const knocks = knocking(address);
    const { stdout, stderr, status } = await kvmnet(['net', 'rename', 'old', 'new', '--yes']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    await answers(address);
    expectWithin('net rename: silence', await knocks.longestSilence(), 6);
    expect(stdout).toMatch(
      /^renamed old to new\nawake: NIC \S+ \(vnet\d+\) was cut off for \d+\.\d s, and is attached again$/m,
    );
    const renamed = (text: string): string =>
      text
        .replaceAll("network='old'", "network='new'")
        .replaceAll('<name>old<', '<name>new<')
        .replaceAll(/(Name: +)old/g, '$1new');
    // net-info, net-dumpxml: the networks are in the order of their names.
    expect((await everything()).split('\n').sort()).toEqual(renamed(before).split('\n').sort());
    expect(await leases('new')).toBe(held);
    const links = JSON.parse(await must('ip', ['-j', 'link', 'show', 'master', 'named0'])) as unknown[];
    expect(links).toHaveLength(2);
    expect((await virsh('net-port-list', 'new')).trim().split('\n')).toHaveLength(1);
  });

  it('is undone altogether', async () => {
    const held = await leases('new');
    expect((await kvmnet(['undo'])).stderr).toMatch(
      /stopping network new cuts off awake: NIC \S+ \(vnet\d+\) for a moment/,
    );
    const renamed = await everything();
    await done('undo', '--yes');
    await answers(address);
    expect(await names()).toEqual(['lan', 'old']);
    expect((await nicsOf('asleep')).map(({ source }) => source)).toEqual(["network='old'"]);
    expect(await leases('old')).toBe(held);
    const back = (text: string): string =>
      text
        .replaceAll("network='new'", "network='old'")
        .replaceAll('<name>new<', '<name>old<')
        .replaceAll(/(Name: +)new/g, '$1old');
    expect((await everything()).split('\n').sort()).toEqual(back(renamed).split('\n').sort());
  });

  describe('killed in the middle', () => {
    const moments = [
      'done: name network new in NIC 52:54:00:a8:00:20 of asleep',
      'begin: stop network old',
      'begin: undefine network old',
      'virNetworkUndefine ',
      'begin: start network new',
      'begin: remove network kvmnet-refuge',
    ];

    // Each begins where the one before has ended; their number is even.
    it.each(moments.map((line, index) => [line, index] as const))(
      'at "%s" is finished by the same command',
      async (line, index) => {
        const [from, to] = index % 2 === 0 ? (['old', 'new'] as const) : (['new', 'old'] as const);
        const moment =
          index % 2 === 0 ? line : line.replaceAll(/\b(old|new)\b/g, (name) => (name === 'old' ? 'new' : 'old'));
        const command = ['net', 'rename', from, to, '--yes'];
        await kvmnetWithFault({ line: moment, signal: 'SIGKILL' }, command);
        const { stdout, stderr, status } = await kvmnet(command);
        expect({ stderr, status }).toEqual({
          stderr: `an earlier run broke off in the middle of "rename network ${from} to ${to}": finishing it\n`,
          status: 0,
        });
        expect(stdout.split('\n')[0]).toBe(`finished what an earlier run began: renamed ${from} to ${to}`);
        await answers(address);
        expect(await names()).toEqual(['lan', to]);
        for (const [domain, ...flags] of [['awake', '--inactive'], ['awake'], ['asleep']] as const) {
          expect((await nicsOf(domain, ...flags))[0]?.source).toContain(`network='${to}'`);
        }
        expect(await virsh('net-info', to)).toMatch(/Active: +yes\nPersistent: +yes\nAutostart: +yes\n/);
      },
    );

    it.each(moments)('at "%s" is undone by another command', async (line) => {
      const before = await everything();
      await kvmnetWithFault({ line, signal: 'SIGKILL' }, ['net', 'rename', 'old', 'new', '--yes']);
      const { stderr, status } = await kvmnet(['net', 'autostart', 'lan', '--disable']);
      expect({ stderr, status }).toEqual({
        stderr: 'an earlier run broke off in the middle of "rename network old to new": undoing it\n',
        status: 0,
      });
      await answers(address);
      expect(await everything()).toBe(before);
    });
  });

  it('disconnects no guests that are attached to a bridge of the host', async () => {
    const before = await everything();
    const knocks = knocking(fixed);
    const { stdout } = await kvmnet(['net', 'rename', 'lan', 'office']);
    expect(stdout).toBe('renamed lan to office\n');
    await answers(fixed);
    expectWithin('net rename of a host bridge: silence', await knocks.longestSilence(), 1.5);
    expect((await nicsOf('awake')).map(({ source }) => source)[1]).toMatch(/network='office'.* bridge='lan0'/);
    expect((await virsh('net-port-list', 'office')).trim().split('\n')).toHaveLength(1);
    await done('undo', '--yes');
    await answers(fixed);
    expect(await everything()).toBe(before);
  });

  it('names a saved memory, which keeps the old name', async () => {
    await virsh('start', 'asleep');
    await virsh('managedsave', 'asleep');
    const { status, stderr } = await kvmnet(['net', 'rename', 'old', 'new']);
    await virsh('managedsave-remove', 'asleep');
    expect(status).toBe(2);
    expect(stderr).toContain(`the saved memory of asleep has NIC ${mac('20')} in network old: asleep will not start`);
  });

  it('renames a network that is stopped, and has it stopped', async () => {
    await done('net', 'create', 'idle', '--isolated', '192.168.211.0/24', '--no-start', '--no-autostart');
    expect(await done('net', 'rename', 'idle', 'Idle2')).toBe('renamed idle to Idle2\n');
    expect(await virsh('net-info', 'Idle2')).toMatch(/Active: +no\nPersistent: +yes\nAutostart: +no\n/);
    await done('net', 'delete', 'Idle2');
  });

  it('refuses a name that is taken or invalid, a network that is transient, and one that does not exist', async () => {
    const before = await everything();
    await virshWith("<network><name>passing</name><bridge name='passing0'/></network>", 'net-create', 'FILE');
    const refusals = await Promise.all(
      [
        ['old', 'lan'],
        ['old', 'a b'],
        ['passing', 'staying'],
        ['odl', 'new'],
      ].map((words) => kvmnet(['net', 'rename', ...words, '--yes'])),
    );
    await virsh('net-destroy', 'passing');
    expect(refusals.map(({ status }) => status)).toEqual([2, 2, 2, 2]);
    expect(refusals.map(({ stderr }) => stderr.split('\n')[0])).toEqual([
      'error: network lan already exists',
      expect.stringMatching('^error: NEW "a b": a network name has only ASCII letters'),
      'error: network passing is transient: it has no definition that could be renamed',
      'error: no network odl',
    ]);
    expect(await everything()).toBe(before);
  });
});
