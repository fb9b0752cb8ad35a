import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith, type Outcome } from '../../helpers/host.ts';
import { kvmnetJson } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const nic = (type: string, inside = '', model = 'virtio') =>
  `<interface type='${type}'>${inside}<model type='${model}'/></interface>`;

/** Each kind of NIC that libvirt defines, and names that are hard to draw. */
const zoo = [
  nic('network', `<source network='${'n'.repeat(60)}' portgroup='x'/>`, 'e1000e'),
  nic('network', `<source network='网络一'/>`),
  nic('network', `<source network='a\u0301 é 👨‍👩‍👧 🇩🇪 ☎️ 가 ｱ \u00ad\u200b'/>`),
  nic('network', `<source network='tab&#9; newline&#10; \\x41 \\y &#x7f; &#x85; &#x2028; &#x378;'/>`),
  nic('bridge', `<source bridge='br0'/><target dev='tap-of-mine'/>`),
  nic('direct', `<source dev='eno1' mode='bridge'/>`),
  nic('ethernet', `<target dev='mytap' managed='no'/>`),
  nic('ethernet'),
  nic('user', `<mac address='52:54:00:AA:BB:CC'/>`),
  nic('udp', `<source address='127.0.0.1' port='11115'><local address='127.0.0.1' port='11116'/></source>`),
  nic('mcast', `<source address='230.0.0.1' port='5558'/>`),
  nic('server', `<source address='127.0.0.1' port='5558'/>`),
  nic('client', `<source address='127.0.0.1' port='5558'/>`),
  nic('vhostuser', `<source type='unix' path='/tmp/vhost1.sock' mode='server'/>`),
  nic('vdpa', `<source dev='/dev/vhost-vdpa-0'/>`),
  nic('internal', `<source name='inside'/>`),
  nic('null'),
  `<interface type='hostdev'><source><address type='pci' domain='0' bus='0' slot='7' function='0'/></source></interface>`,
];

const virshDomiflist = (...args: readonly string[]): Promise<Outcome> =>
  run('virsh', ['-c', 'qemu:///system', 'domiflist', ...args]);

/** Byte for byte and status for status. */
async function expectAsVirsh(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await kvmnet(['domiflist', ...args]);
  const expected = await virshDomiflist(...args);
  expect({ stdout, stderr, status }).toEqual({ stdout: expected.stdout, stderr: '', status: expected.status });
  expect(status).toBe(0);
  return stdout;
}

onPrivateHost('domiflist', () => {
  let guest: Guest;
  const name = 'VM1';

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    await must('ip', ['link', 'add', 'name', 'eno1', 'up', 'type', 'veth', 'peer', 'name', 'eno2']);
    for (const xml of [
      `<network><name>nat</name><forward mode='nat'/><bridge name='natbr0' stp='off'/><ip address='10.9.0.1' prefix='24'/></network>`,
      `<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>`,
      `<network><name>taps</name><forward mode='bridge'><interface dev='eno1'/></forward></network>`,
    ]) {
      await virshWith(xml, 'net-define', 'FILE');
    }
    await virsh('net-start nat; net-start lan; net-start taps');
    const nics = [
      nic('network', `<source network='nat'/>`),
      nic('bridge', `<source bridge='br0'/>`, 'e1000'),
      nic('direct', `<source dev='eno1' mode='bridge'/>`, 'rtl8139'),
      nic('network', `<source network='lan'/>`),
      nic('network', `<source network='taps'/>`),
      nic('user'),
    ];
    guest = await makeGuestWithoutSystem(name, { nics, machine: 'pc' });
  });

  afterAll(async () => {
    await guest.remove();
    await virsh(
      'net-destroy nat; net-undefine nat; net-destroy lan; net-undefine lan; net-destroy taps; net-undefine taps',
    );
    for (const link of ['br0', 'eno1']) await must('ip', ['link', 'delete', 'dev', link]);
  });

  describe('of one VM', () => {
    it('prints what virsh prints of a running one, by its name, number and UUID', async () => {
      const text = await expectAsVirsh(name);
      // A NIC of a network has the network's name, also where libvirt shows the bridge or NIC behind it.
      expect(text).toMatch(/^ vnet\d+ +network +nat +virtio +52:54:00:.*\n vnet\d+ +bridge +br0 +e1000 /m);
      expect(text).toMatch(
        /^ vnet\d+ +bridge +lan +virtio .*\n macvtap\d+ +direct +taps +virtio .*\n - +user +- +virtio /m,
      );
      expect(await expectAsVirsh((await virsh('domid', name)).trim())).toBe(text);
      expect(await expectAsVirsh((await virsh('domuuid', name)).trim())).toBe(text);
      expect(await expectAsVirsh('--domain', name)).toBe(text);
    });

    it('prints what virsh prints of its next boot, and of one that is shut off', async () => {
      await virshWith(nic('bridge', `<source bridge='br0'/>`), 'attach-device', name, 'FILE', '--config');
      const next = await expectAsVirsh(name, '--inactive');
      expect(next.split('\n')).toHaveLength(11);
      expect(next).toMatch(/^ - +network +lan +virtio /m);
      expect(await expectAsVirsh('--inactive', name)).not.toBe(await expectAsVirsh(name));
      await virsh('destroy', name);
      expect(await expectAsVirsh(name)).toBe(next);
      await guest.start();
    });

    it('leaves out the heading with --quiet, as virsh does', async () => {
      const { stdout } = await run('virsh', ['-q', '-c', 'qemu:///system', 'domiflist', name]);
      expect((await kvmnet(['-q', 'domiflist', name])).stdout).toBe(stdout);
    });

    it('prints what virsh prints of every kind of NIC, and of names that are hard to draw', async () => {
      const ports = zoo.map((_, index) => `<controller type='pci' index='${index + 1}' model='pcie-root-port'/>`);
      await virshWith(
        `<domain type='qemu'><name>zoo</name><memory unit='MiB'>64</memory><os><type arch='x86_64' machine='q35'>hvm</type></os>
         <devices>${ports.join('')}${zoo.join('')}</devices></domain>`,
        'define',
        'FILE',
      );
      try {
        const text = await expectAsVirsh('zoo');
        expect(text.trimEnd().split('\n')).toHaveLength(2 + zoo.length);
        expect(text).toMatch(' tab ');
      } finally {
        await virsh('undefine', 'zoo');
      }
    });

    it('prints what virsh prints of one without a NIC', async () => {
      await makeGuestWithoutSystem('bare', { start: false });
      try {
        expect(await expectAsVirsh('bare')).toBe(
          ' Interface   Type   Source   Model   MAC\n------------------------------------------\n\n',
        );
      } finally {
        await virsh('undefine', 'bare');
      }
    });

    it.each([['VM2'], ['99'], ['VM1', '--bogus'], ['00000000-0000-4000-8000-000000000000']])(
      'ends as virsh does when it fails: %s',
      async (...args) => {
        const { stdout, stderr, status } = await kvmnet(['domiflist', ...args]);
        expect({ stdout, status }).toEqual({ stdout: '', status: (await virshDomiflist(...args)).status });
        expect(status).toBe(1);
        expect(stderr).toMatch(/^error: .*\nhint: /);
      },
    );
  });

  describe('of all VMs', () => {
    afterEach(async () => {
      expect((await kvmnet(['domiflist'])).stdout).not.toMatch('lost its bridge');
    });

    it('has the bridge of each NIC, and marks what the next boot changes', async () => {
      const rows = await kvmnetJson(['domiflist']);
      expect(rows).toMatchObject([
        { domain: name, type: 'network', source: 'nat', bridge: 'natbr0', model: 'virtio', link: 'up', problems: [] },
        { type: 'bridge', source: 'br0', bridge: 'br0', model: 'e1000' },
        { type: 'direct', source: 'eno1', model: 'rtl8139' },
        { type: 'bridge', source: 'lan', bridge: 'br0' },
        { type: 'direct', source: 'taps' },
        { type: 'user' },
        { type: 'bridge', source: 'br0' },
      ]);
      expect((await kvmnet(['domiflist'])).stdout).toMatch(
        /^Domain +Interface +Type +Source +Bridge +Model +MAC +Link +IP\n/,
      );
      const [{ mac }] = rows;
      await kvmnet(['vm', 'move', name, mac, 'br0', '--config']);
      expect((await kvmnet(['domiflist'])).stdout).toMatch(new RegExp(` ${mac} +up +- +at the next boot in br0\n`));
      expect((await kvmnetJson(['domiflist', '--inactive']))[0]).toMatchObject({ mac, source: 'br0', problems: [] });
      await kvmnet(['vm', 'move', name, mac, 'nat', '--config']);
    });

    it('marks a NIC that lost its bridge when its network was restarted', async () => {
      const [{ mac, interface: tap }] = await kvmnetJson(['domiflist']);
      await virsh('net-destroy nat; net-start nat');
      // libvirt does not know: it reports the same as before.
      expect(await virsh('domiflist', name)).toMatch(new RegExp(`^ ${tap} +network +nat `, 'm'));
      const [lost, ...others] = await kvmnetJson(['domiflist']);
      expect(lost).toMatchObject({ interface: tap, source: 'nat', problems: ['lost its bridge natbr0'] });
      expect(lost.bridge).toBeUndefined();
      expect(others.flatMap(({ problems }: { problems: string[] }) => problems)).toEqual([]);
      expect((await kvmnet(['domiflist'])).stdout).toMatch(
        new RegExp(`^VM1 +${tap} +network +nat +- +virtio +${mac} +up +- +lost its bridge natbr0$`, 'm'),
      );
      await kvmnet(['vm', 'move', name, mac, 'br0', '--live']);
      await kvmnet(['vm', 'move', name, mac, 'nat', '--live']);
    });

    it('marks a NIC whose bridge was taken from it by hand', async () => {
      const [{ interface: tap }] = await kvmnetJson(['domiflist']);
      await must('ip', ['link', 'set', 'dev', tap, 'nomaster']);
      expect((await kvmnetJson(['vm', 'nics', name]))[0].problems).toEqual(['lost its bridge natbr0']);
      await must('ip', ['link', 'set', 'dev', tap, 'master', 'natbr0']);
    });
  });
});
