import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const network = (name: string, rest: string) => `<network><name>${name}</name>${rest}</network>`;
const nic = (mac: string, rest: string) => `<interface type='bridge'><mac address='${mac}'/>${rest}</interface>`;
const own = '52:54:00:00:0e:01';
const twin = '52:54:00:00:0e:02';

/** Arguments of `vm attach VM1`, the first line of the answer without `error: `, and the hint. */
const refused: readonly (readonly [args: string, message: string | RegExp, hint: string | RegExp])[] = [
  ['brvlan-11', 'no network, bridge or NIC of the host brvlan-11', 'did you mean brvlan-10?'],
  ['nothing-like-it', /^no network, bridge or NIC of the host nothing-like-it$/, /^available: .*keennet.*br0.*eno1/],
  ['br0 --network', 'no network br0', /^available: .*keennet/],
  ['keennet --bridge', 'no bridge keennet', /br0/],
  ['keennet --macvtap', 'no NIC of the host keennet', /eno1/],
  ['eno1 --bridge', 'eno1 is not a bridge, but a device of kind veth', /^bridges of this host: br0.*; or .*--macvtap/],
  ['br0 --macvtap', /^br0 is a device of kind bridge: cannot attach guests/, /^name an Ethernet NIC/],
  ['lo', /^lo is a device of type loopback: cannot attach guests/, /^name an Ethernet NIC/],
  ['port0', 'port0 is a port of br0, so it can carry no macvtap', 'attach to br0 instead'],
  ['keennet --network --bridge', 'use only one of --network, --bridge and --macvtap', ''],
  ['both', 'both is a network, and a bridge of the host', 'use --network or --bridge'],
  [
    'broken',
    'network broken needs bridge br9 of the host, which does not exist',
    /^make it, or give the network another/,
  ],
  ['idle', /^attach VM1 to idle needs your consent:$/, 'repeat the command with --yes to accept'],
  [`br0 --mac ${own}`, `--mac ${own} is taken by NIC 0 of VM1`, 'leave out --mac: a free one is chosen'],
  [`br0 --mac ${own.toUpperCase()}`, `--mac ${own} is taken by NIC 0 of VM1`, /leave out --mac/],
  ['br0 --mac 52:54:00:00:0e:09', '--mac 52:54:00:00:0e:09 is taken by NIC 0 of other', /leave out --mac/],
  ['br0 --mac 52:54:00:00:0e:99', '--mac 52:54:00:00:0e:99 is taken by the bridge of network keennet', /leave/],
  ['br0 --mac 01:00:5e:00:00:01', /^--mac 01:00:5e:00:00:01: this is a multicast address/, /^for example --mac 52/],
  ['br0 --mac ff:ff:ff:ff:ff:ff', /this is the broadcast address/, /^for example/],
  ['br0 --mac 52:54:00', /a MAC address has six bytes/, /^for example/],
  ['br0 --mac fe:54:00:00:00:01', /libvirt keeps addresses that start with fe/, /^for example/],
  [
    'br0 --vlan 10',
    '--vlan on the Linux bridge of br0, which does not filter VLANs, needs libvirt 11.0, this is 9.0.0',
    /^a bridge for each VLAN .*: kvmnet vlan create NIC 10 --bridge brvlan-10, and kvmnet vm attach VM1 brvlan-10$/,
  ],
  ['keennet --vlan 10 --live', /^--vlan on the Linux bridge of keennet, which .* needs libvirt 11/, /brvlan-10$/],
  ['eno1 --vlan 10', '--vlan cannot be used with eno1', /kvmnet vlan create eno1 10 --bridge brvlan-10/],
  ['br0 --vlan 4095', /a VLAN ID is a number from 1 to 4094/, /^for example/],
  ['br0 --mtu 67', /an MTU is a number from 68 to 65535/, /^for example/],
  ['eno1 --mtu 1400', '--mtu cannot be used with eno1: a macvtap has the MTU of its NIC', /leave it out/],
  ['eno1 --filter clean-traffic', '--filter cannot be used with eno1: libvirt filters no macvtap', /leave it out/],
  ['br0 --filter clean-trafic', 'no network filter "clean-trafic"', 'did you mean clean-traffic?'],
  ['br0 --filter nothing-like-it --config', /^no network filter/, 'kvmnet nwfilter-list shows all filters'],
  ['eno1 --isolated', /^--isolated cannot be used with eno1/, 'leave it out'],
  ['br0 --portgroup red', /^--portgroup red cannot be used with br0: only networks have portgroups/, 'leave it out'],
  ['keennet --portgroup rad', 'network keennet has no portgroup rad', 'did you mean red?'],
  ['br0 --alias lan', /aliases of users begin with ua-/, /ua-lan/],
  ['br0 --alias ua-taken', '--alias ua-taken is taken by NIC 0 of VM1', 'choose another one'],
  ['br0 --link sideways', /^--link sideways: a link is up or down/, /down/],
  ['br0 --model e1000x', '--model e1000x: the emulator of VM1 has no such NIC', /^did you mean .*e1000/],
  ['br0 --model vmxnet --config', '--model vmxnet: the emulator of VM1 has no such NIC', /vmxnet3/],
  ['br0 --model <x>', /^--model <x>: it has only ASCII letters/, /virtio/],
  ['br0 --in fast', /^--in fast: a rate is a number with kbit/, '--in 100mbit'],
  ['br0 --out 7kbit', /^--out 7kbit: a rate is a number/, /8kbit|100mbit/],
  ['br0 --wait-ip soon', /^--wait-ip soon: a duration is a number of seconds/, 'for example --wait-ip 60s'],
  ['br0 --wait-ip --config', '--wait-ip cannot succeed: no running guest gets the NIC', /vm ip VM --wait/],
  ['br0 --wait-ip --link down', '--wait-ip cannot succeed: the link is down', /vm ip VM --wait/],
];

/** All that one of these commands could have changed. */
async function definitions(): Promise<string> {
  return virsh('dumpxml VM1; dumpxml VM1 --inactive; dumpxml other; net-list --all');
}

onPrivateHost('what cannot be', () => {
  let guest: Guest;
  let before: string;

  beforeAll(async () => {
    for (const bridge of ['br0', 'brvlan-10', 'both'])
      await must('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']);
    for (const cable of ['eno1', 'port0']) {
      await must('ip', ['link', 'add', 'name', cable, 'type', 'veth', 'peer', 'name', `peer-${cable}`]);
    }
    await must('ip', ['link', 'set', 'dev', 'port0', 'master', 'br0']);
    const keennet = `<bridge name='keenbr0' stp='off'/><mac address='52:54:00:00:0e:99'/><portgroup name='red'/>`;
    await virshWith(network('keennet', keennet), 'net-define', 'FILE');
    await virshWith(network('idle', `<bridge name='idlebr0' stp='off'/>`), 'net-define', 'FILE');
    await virshWith(network('both', `<bridge name='bothbr0' stp='off'/>`), 'net-define', 'FILE');
    await virshWith(network('broken', `<forward mode='bridge'/><bridge name='br9'/>`), 'net-define', 'FILE');
    await virsh('net-start keennet; net-start both; net-start broken');
    const first = nic(own, `<source bridge='br0'/><model type='virtio'/><alias name='ua-taken'/>`);
    const others = [twin, '52:54:00:00:0e:03'].map((mac) =>
      nic(mac, `<source bridge='brvlan-10'/><model type='virtio'/>`),
    );
    guest = await makeGuestWithoutSystem('VM1', { nics: [first, ...others] });
    const other = nic('52:54:00:00:0e:09', `<source bridge='br0'/>`);
    await makeGuestWithoutSystem('other', { nics: [other], start: false });
    before = await definitions();
  });

  afterAll(async () => {
    await guest.remove();
    await virsh('undefine', 'other');
    await kvmnet(['net', 'delete', 'keennet', 'idle', 'both', 'broken', '--yes']);
    for (const link of ['br0', 'brvlan-10', 'both', 'eno1', 'port0']) await must('ip', ['link', 'delete', 'dev', link]);
  });

  afterEach(async () => {
    expect(await definitions()).toBe(before);
  });

  it.each(refused)('vm attach VM1 %s is refused with the reason and the remedy', async (args, message, hint) => {
    const { stdout, stderr, status } = await kvmnet(['vm', 'attach', 'VM1', ...args.split(' ')]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    const [first = '', ...more] = stderr.replace(/^error: /, '').split('\n');
    expect(first).toMatch(message);
    const said = more.find((line) => line.startsWith('hint: '))?.replace('hint: ', '') ?? '';
    expect(said).toMatch(hint);
  });

  it('no NIC is attached to a VM that does not exist, and the nearest is named', async () => {
    const { stderr, status } = await kvmnet(['vm', 'attach', 'VM2', 'br0']);
    expect({ stderr, status }).toEqual({ stderr: 'error: no domain "VM2"\nhint: did you mean VM1?\n', status: 2 });
  });

  describe('a NIC', () => {
    /** The MAC of the NIC that a selector finds, in a plan that is not carried out. */
    async function found(selector: string): Promise<string | undefined> {
      const { stdout, stderr } = await kvmnet(['vm', 'link', 'VM1', selector, 'down', '--dry-run']);
      return /^link down on NIC (\S+) of VM1, /.exec(stdout)?.[1] ?? stderr;
    }

    it('is identified by its index, its tap, its MAC in any spelling, its alias, and the network it is attached to', async () => {
      const [first] = await nicsOf('VM1');
      const selectors = ['0', String(first?.tap), own, own.toUpperCase().replaceAll(':', '-'), 'ua-taken', 'net=br0'];
      for (const selector of selectors) expect(await found(selector)).toBe(own);
      expect(await found('1')).toBe(twin);
    });

    it('that is one of several is not guessed: all are listed', async () => {
      expect(await found('net=brvlan-10')).toBe(
        `error: net=brvlan-10 is 2 NICs of VM1: 1 (${twin}, brvlan-10), 2 (52:54:00:00:0e:03, brvlan-10)\n` +
          'hint: name it by its index\n',
      );
    });

    it.each(['3', 'vnet99', '52:54:00:00:0e:44', 'net=keennet', ''])(
      'that does not exist is not found: %j',
      async (selector) => {
        const text = await found(selector);
        expect(text).toMatch(`error: VM1 has no NIC ${JSON.stringify(selector)}\nhint: `);
        expect(text).toMatch(/did you mean|it has 0 \(52:54:00:00:0e:01, br0\), 1 \(/);
      },
    );

    it('of macvtap cannot be moved to while the guest runs', async () => {
      const { stderr, status } = await kvmnet(['vm', 'move', 'VM1', '0', 'eno1']);
      expect(status).toBe(2);
      expect(stderr).toMatch(
        /cannot move to eno1 while the guest runs: libvirt moves NICs between bridges only\nhint: --config/,
      );
    });
  });

  describe('a VM that is off', () => {
    it('has no live NICs to change', async () => {
      const { stderr, status } = await kvmnet(['vm', 'attach', 'other', 'br0', '--live']);
      expect({ stderr, status }).toEqual({
        stderr:
          'error: other is not running: it has no live NICs\nhint: leave out --live, or start it: kvmnet vm start other\n',
        status: 2,
      });
    });

    it('has no addresses to wait for', async () => {
      const { stderr, status } = await kvmnet(['vm', 'ip', 'VM1', 'other', '--wait', '60s']);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^error: other: not running/);
    });
  });
});
