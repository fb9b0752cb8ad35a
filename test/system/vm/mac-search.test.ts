import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { must, virsh, virshWith } from '../../helpers/host.ts';
import { nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { kvmnetBy, type User } from '../../helpers/user.ts';

const users: readonly User[] = ['root', 'alice'];
const macs = { configured: '52:54:00:00:5e:01', live: '52:54:00:00:5e:02', transient: '52:54:00:00:5e:03' };
const attach = ['vm', 'attach', 'target', 'lan'];

onPrivateHost('whether another VM has a MAC address', () => {
  const guests: Guest[] = [];

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    await virshWith(
      "<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>",
      'net-define',
      'FILE',
    );
    await virsh('net-start', 'lan');
    guests.push(await makeGuestWithoutSystem('target', { start: false }));
    guests.push(await makeGuestWithoutSystem('other', { nics: [nicIn('lan', macs.configured)], spareRootPorts: 1 }));
    await virshWith(nicIn('lan', macs.live), 'attach-device', 'other', 'FILE', '--live');
    const xml = await virsh('dumpxml', 'target', '--inactive');
    const transient = xml
      .replace('<name>target</name>', '<name>passing</name>')
      .replace(/ *<uuid>.*<\/uuid>\n/, '')
      .replace('</devices>', `${nicIn('lan', macs.transient)}</devices>`);
    await virshWith(transient, 'create', 'FILE');
  });

  afterAll(async () => {
    await virsh('destroy', 'passing');
    for (const guest of guests) await guest.remove();
    await virsh('net-destroy lan; net-undefine lan');
    await must('ip', ['link', 'delete', 'dev', 'br0']);
  });

  it.each(users.flatMap((user) => Object.entries(macs).map(([place, mac]) => [user, place, mac] as const)))(
    'is seen by %s: %s',
    async (user, _place, mac) => {
      const { stderr, status } = await kvmnetBy(user, [...attach, '--config', '--mac', mac.toUpperCase()]);
      expect(stderr).toMatch(new RegExp(`^error: --mac ${mac} is taken by NIC \\d of (other|passing)\n`));
      expect(status).toBe(2);
    },
  );

  it('costs a call for the definition of each, unless libvirt keeps them in files that this user may read', async () => {
    const calls = async (user: User): Promise<number> => {
      const { stderr, status } = await kvmnetBy(user, ['-v', '--dry-run', ...attach, '--config']);
      expect(status).toBe(0);
      return stderr.match(/^virDomainGetXMLDesc /gm)?.length ?? 0;
    };
    expect(await calls('root')).toBe(1);
    expect(await calls('alice')).toBe(5);
  });

  it('takes root no list of all, but where a file has it, or libvirt has another number of domains than of files', async () => {
    const listed = async (mac: string): Promise<boolean> => {
      const { stderr } = await kvmnetBy('root', ['-v', '--dry-run', ...attach, '--config', '--mac', mac]);
      return (stderr.match(/^virConnectListAllDomains /gm)?.length ?? 0) > 1;
    };
    const free = '52:54:00:00:5e:0f';
    expect(await listed(free)).toBe(false);
    await must('mv', ['/etc/libvirt/qemu/other.xml', '/run/other.xml']);
    expect(await listed(free)).toBe(true);
    expect(await listed(macs.configured)).toBe(true);
    await must('cp', ['/run/other.xml', '/etc/libvirt/qemu/left.xml']);
    // As many files as domains, of which one has the address.
    expect(await listed(macs.configured)).toBe(true);
    await must('rm', ['/etc/libvirt/qemu/left.xml']);
    await must('mv', ['/run/other.xml', '/etc/libvirt/qemu/other.xml']);
  });
});
