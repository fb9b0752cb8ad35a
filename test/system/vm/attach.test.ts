import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { kvmnetJson, nicsOf, type SeenNic } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const network = (name: string, rest: string) => `<network><name>${name}</name>${rest}</network>`;
const networks = [
  network('nat', `<forward mode='nat'/><bridge name='natbr0' stp='off'/><ip address='10.9.0.1' prefix='24'/>`),
  network('groups', `<bridge name='grpbr0' stp='off'/><portgroup name='red'/><portgroup name='blue' default='yes'/>`),
  network('lan', `<forward mode='bridge'/><bridge name='br0'/>`),
  network('taps', `<forward mode='bridge'><interface dev='eno1'/></forward>`),
];

onPrivateHost('vm attach', () => {
  const name = 'VM1';
  let guest: Guest;

  beforeAll(async () => {
    for (const bridge of ['br0', 'brvlan-10']) await must('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']);
    await must('ip', ['link', 'add', 'name', 'eno1', 'up', 'type', 'veth', 'peer', 'name', 'eno2']);
    for (const xml of networks) await virshWith(xml, 'net-define', 'FILE');
    await virsh('net-start nat; net-start groups; net-start lan; net-start taps');
    await virshWith(network('idle', `<bridge name='idlebr0' stp='off'/>`), 'net-define', 'FILE');
    guest = await makeGuestWithoutSystem(name, { spareRootPorts: 16 });
  });

  afterAll(async () => {
    await guest.remove();
    for (const each of ['nat', 'groups', 'lan', 'taps', 'idle']) await kvmnet(['net', 'delete', each, '--yes']);
    for (const link of ['br0', 'brvlan-10', 'eno1']) await must('ip', ['link', 'delete', 'dev', link]);
  });

  /** Attaches a NIC, also if one already exists; returns its live and its next-boot definition. */
  async function attach(
    source: string,
    ...options: readonly string[]
  ): Promise<[live: SeenNic | undefined, config: SeenNic | undefined]> {
    const { mac, changed } = await kvmnetJson(['-q', 'vm', 'attach', name, source, ...options]);
    expect(changed).toBe(true);
    return both(mac);
  }

  async function both(mac: string): Promise<[live: SeenNic | undefined, config: SeenNic | undefined]> {
    const withMac = (nics: SeenNic[]): SeenNic | undefined => nics.find((nic) => nic.mac === mac);
    return [withMac(await nicsOf(name)), withMac(await nicsOf(name, '--inactive'))];
  }

  const masterOf = async (nic: SeenNic | undefined): Promise<string> =>
    JSON.parse(await must('ip', ['-j', 'link', 'show', 'dev', nic!.tap!]))[0].master;

  it('attaches to a host bridge: with type bridge and model virtio, live and in the configuration', async () => {
    const [live, config] = await attach('brvlan-10');
    const expected = { type: 'bridge', source: "bridge='brvlan-10'", model: 'virtio', slot: live!.slot };
    expect(live).toMatchObject(expected);
    expect(config).toMatchObject(expected);
    expect(await masterOf(live)).toBe('brvlan-10');
  });

  it('attaches to a NIC of the host by macvtap, and lets its guests reach each other', async () => {
    const [live, config] = await attach('eno1');
    expect(live).toMatchObject({ type: 'direct', source: "dev='eno1' mode='bridge'", model: 'virtio' });
    expect(config).toMatchObject({ type: 'direct', source: "dev='eno1' mode='bridge'", model: 'virtio' });
    expect(await must('ip', ['-d', 'link', 'show', 'dev', live!.tap!])).toMatch(/macvtap mode bridge/);
  });

  it('gives the NIC all that its options specify, in both scopes', async () => {
    const options = ['--model', 'e1000e', '--mac', '52-54-00-AB-CD-01', '--mtu', '1400', '--filter', 'clean-traffic'];
    const lives = await attach('br0', ...options, '--isolated', '--link', 'down', '--alias', 'ua-lan');
    for (const life of lives) {
      expect(life).toMatchObject({ mac: '52:54:00:ab:cd:01', model: 'e1000e', link: 'down', alias: 'ua-lan' });
      expect(life!.xml).toMatch(`<mtu size='1400'/>`);
      expect(life!.xml).toMatch(`<filterref filter='clean-traffic'/>`);
      expect(life!.xml).toMatch(`<port isolated='yes'/>`);
    }
  });

  it('limits what the guest receives and sends, in kilobytes of 1000 bytes', async () => {
    const [live, config] = await attach('br0', '--in', '100mbit', '--out', '1.5MB/s', '--config');
    expect(live).toBeUndefined();
    expect(config!.xml).toMatch(
      /<bandwidth>\s*<inbound average='12500'\/>\s*<outbound average='1500'\/>\s*<\/bandwidth>/,
    );
  });

  it("attaches to a network's portgroup", async () => {
    const [live, config] = await attach('groups', '--portgroup', 'red');
    expect(live!.source).toMatch(/^network='groups' portgroup='red' portid=/);
    expect(config!.source).toBe("network='groups' portgroup='red'");
  });

  it('changes one life only where that is asked for, which is then marked', async () => {
    const [live, none] = await attach('br0', '--live');
    expect([live?.source, none]).toEqual(["bridge='br0'", undefined]);
    const [nothing, config] = await attach('br0', '--config');
    expect([nothing, config?.source]).toEqual([undefined, "bridge='br0'"]);
    const { stdout } = await kvmnet(['domiflist']);
    expect(stdout).toMatch(new RegExp(` ${live!.mac} +up +- +not at the next boot$`, 'm'));
    expect(stdout).toMatch(new RegExp(` ${config!.mac} +up +- +only at the next boot$`, 'm'));
  });

  it('shows the exact XML with --dry-run, and changes nothing', async () => {
    const before = [await virsh('dumpxml', name), await virsh('dumpxml', name, '--inactive')];
    const options = ['--mac', '52:54:00:00:00:77', '--dry-run'];
    const { stdout, status } = await kvmnet(['vm', 'attach', name, 'nat', ...options]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^1\. attach NIC 52:54:00:00:00:77 of VM1 to nat\n {3}<interface type="network">/m);
    expect([await virsh('dumpxml', name), await virsh('dumpxml', name, '--inactive')]).toEqual(before);
  });

  describe('into a network that is not active', () => {
    it('asks first, and changes nothing without an answer', async () => {
      const before = await virsh('dumpxml', name);
      const { stderr, status } = await kvmnet(['vm', 'attach', name, 'idle']);
      expect(status).toBe(2);
      expect(stderr).toMatch(/network idle is not active, and has to be started\nhint: .*--yes/);
      expect(await virsh('dumpxml', name)).toBe(before);
      expect(await virsh('net-list', '--name')).not.toMatch('idle');
    });

    it('starts nothing for the next boot, but warns that the network has to be active then', async () => {
      const { stderr, status } = await kvmnet(['vm', 'attach', name, 'idle', '--config']);
      expect({ stderr, status }).toEqual({
        stderr: 'warning: network idle is not active: VM1 will not start until it is\n',
        status: 0,
      });
      expect(await virsh('net-list', '--name')).not.toMatch('idle');
    });

    it('starts it with --yes, and attaches the NIC', async () => {
      const [live] = await attach('idle', '--yes');
      expect(await masterOf(live)).toBe('idlebr0');
      expect(await virsh('net-list', '--name')).toMatch('idle');
    });
  });

  describe('into a network that is a host bridge', () => {
    let mac: string;

    it('stays in that network when its link is switched, though libvirt shows the bridge', async () => {
      const [live, config] = await attach('lan');
      mac = live!.mac;
      expect(live).toMatchObject({ type: 'bridge' });
      expect(config).toMatchObject({ type: 'network', source: "network='lan'" });
      for (const state of ['down', 'up']) {
        expect(await kvmnet(['vm', 'link', name, mac, state])).toMatchObject({ stderr: '', status: 0 });
        const [now, next] = await both(mac);
        expect(now!.source).toMatch(/^network='lan' portid='[-0-9a-f]+' bridge='br0'$/);
        expect([now!.link ?? 'up', next!.link ?? 'up']).toEqual([state, state]);
      }
      expect((await virsh('net-port-list', 'lan', '--uuid')).trim()).toMatch(/^[-0-9a-f]{36}$/);
    });

    it('moves to another network and back in both scopes, with its slots', async () => {
      const slots = (await both(mac)).map((nic) => nic!.slot);
      for (const [to, bridge] of [
        ['nat', 'natbr0'],
        ['lan', 'br0'],
      ] as const) {
        expect(await kvmnet(['vm', 'move', name, mac, to])).toMatchObject({ stderr: '', status: 0 });
        const [live, config] = await both(mac);
        expect([live!.slot, config!.slot]).toEqual(slots);
        expect(live!.source).toMatch(new RegExp(`^network='${to}' portid=.* bridge='${bridge}'$`));
        expect(config).toMatchObject({ type: 'network', source: `network='${to}'` });
        expect(await masterOf(live)).toBe(bridge);
      }
    });
  });

  it('keeps a macvtap network of libvirt whole when its link is switched', async () => {
    const [live] = await attach('taps');
    expect(await kvmnet(['vm', 'link', name, live!.mac, 'down'])).toMatchObject({ stderr: '', status: 0 });
    const [now, next] = await both(live!.mac);
    expect(now).toMatchObject({ type: 'direct', link: 'down' });
    expect(now!.source).toMatch(/^network='taps' portid=/);
    expect(next).toMatchObject({ type: 'network', link: 'down', source: "network='taps'" });
  });

  it('leaves an existing one unchanged', async () => {
    const [{ mac }] = (await nicsOf(name)) as [SeenNic];
    expect((await kvmnet(['vm', 'move', name, mac, 'brvlan-10'])).stdout).toMatch(/brvlan-10: nothing to do\n$/);
    expect((await kvmnet(['vm', 'link', name, mac, 'up'])).stdout).toMatch(/^link up on .*: nothing to do\n$/);
  });
});
