import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';

const network = `<network>
  <name>keennet</name>
  <forward mode='nat'/>
  <bridge name='keen0' stp='off' delay='0'/>
  <ip address='192.168.137.1' netmask='255.255.255.0'><dhcp><range start='192.168.137.2' end='192.168.137.254'/></dhcp></ip>
</network>`;
const nic = `<interface type='network'><source network='keennet'/><model type='virtio'/></interface>`;
const file = '/run/kvmnet-no-waiting.xml';
const words = (line: string): readonly string[] => line.split(' ');

/** Commands of every kind that only look, with libvirt and without. */
const looks = [
  ...['net list', 'net show keennet', 'net xml keennet', `net validate ${file}`, 'net leases', 'net heal --dry-run'],
  ...['vm list', 'vm nics waiting', 'vm ip waiting', 'vm stats waiting', 'vm slots waiting', 'domiflist'],
  ...['bridge list', 'bridge show keen0', 'bridge macs keen0', 'vlan list', 'host show', 'host lint', 'history'],
  ...['net-list', 'net-info keennet', 'net-dumpxml keennet', 'net-dhcp-leases keennet', 'net-port-list keennet'],
  ...['domiflist waiting', 'domifaddr waiting', 'iface-list', 'nwfilter-list'],
  ...['net create --nat auto --dry-run'],
];
const changes = [
  'net create waits --isolated 192.168.139.0/24',
  'net set waits --domain lan.example --yes',
  'net delete waits --yes',
];

/** Calls that libvirt's daemon answers only when a name server has answered it, and programs that ask one. */
const asksNameServer = /^(virConnectGetHostname|virNodeGetHostname|(getent|host|dig|nslookup|hostname|ping)\b)/m;

onPrivateHost('while the daemon does not answer', () => {
  let guest: Guest;

  beforeAll(async () => {
    await writeFile(file, network.replaceAll('keen', 'other').replaceAll('.137.', '.138.'));
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'keennet');
    guest = await makeGuestWithoutSystem('waiting', { nics: [nic] });
  });

  afterAll(async () => {
    await guest.remove();
    await virsh('net-destroy keennet; net-undefine keennet');
    await must('rm', ['-f', file]);
  });

  describe('behind a default route into nowhere, with name servers that never answer', () => {
    const configuration = '/run/kvmnet-resolv.conf';
    const hosts = '/run/kvmnet-hosts';
    let resolvConf = '';

    beforeAll(async () => {
      for (const line of [
        'ip link add nowhere address 52:54:00:00:37:01 type veth peer name nowhere1',
        'ip link set dev nowhere up',
        'ip link set dev nowhere1 up',
        'ip address add 192.0.2.10/24 dev nowhere',
        'ip neighbour add 192.0.2.1 lladdr 52:54:00:00:37:99 dev nowhere',
        'ip route add default via 192.0.2.1',
      ]) {
        const [program = '', ...args] = words(line);
        await must(program, args);
      }
      const servers = [1, 2, 3].map((number) => `nameserver 198.51.100.${number}\n`).join('');
      await writeFile(configuration, `search a.example b.example\n${servers}`);
      resolvConf = (await must('readlink', ['-f', '/etc/resolv.conf'])).trim();
      await must('mount', ['--bind', configuration, resolvConf]);
      // The host's own name is not in its hosts file either.
      await writeFile(hosts, '127.0.0.1 localhost\n');
      await must('mount', ['--bind', hosts, '/etc/hosts']);
    });

    afterAll(async () => {
      await must('umount', ['/etc/hosts']);
      await must('umount', [resolvConf]);
      await must('ip', ['link', 'delete', 'dev', 'nowhere']);
      await must('rm', [configuration, hosts]);
    });

    it("the daemon's own look-up of its host's name does not end", async () => {
      const { status } = await run('timeout', ['2', 'virsh', '-q', '-c', 'qemu:///system', 'hostname']);
      expect(status).toBe(124);
    });

    it.each([...looks, ...changes])('asks no name server: %s', async (line) => {
      const { stderr, status } = await kvmnet(['--verbose', '--timeout', '60', ...words(line)]);
      expect(stderr).not.toMatch(asksNameServer);
      expect(stderr).not.toMatch(/error:|did not answer/);
      expect([0, 3]).toContain(status);
    });
  });

  describe('with a daemon that hangs', () => {
    const signal = async (name: string): Promise<void> => {
      await must('kill', [`-${name}`, ...words((await must('pidof', ['libvirtd'])).trim())]);
    };
    beforeAll(() => signal('STOP'));
    afterAll(async () => {
      await signal('CONT');
      await waitFor('libvirtd to answer', async () => (await kvmnet(['net', 'list'])).status === 0);
    });

    it.each(['bridge list', 'bridge show keen0', 'bridge macs keen0', 'vlan list', 'host show'])(
      'shows with %s what the host has, and warns',
      async (line) => {
        const { stdout, stderr, status } = await kvmnet(words(line));
        expect(status).toBe(0);
        expect(stdout).toMatch(/keen0|no VLAN devices|MAC/);
        const warning = 'cannot determine which networks and VMs use a link: qemu:///system did not answer within 5 s';
        expect(stderr).toBe(`warning: ${warning}\n`);
      },
    );

    it.each(['bridge create waits0', 'bridge stp waits0 on', 'bridge delete waits0'])(
      'changes the host: %s',
      async (line) => {
        const { stderr, status } = await kvmnet(['--timeout', '1', ...words(line)]);
        const warning = 'cannot determine which networks and VMs use a link: qemu:///system did not answer within 1 s';
        expect(stderr).toMatch(`warning: ${warning}\n`);
        expect(status).toBe(0);
      },
    );

    it('needs no libvirt for what is on disk', async () => {
      for (const line of ['history', 'host lint', 'completion bash', '--version']) {
        expect(await kvmnet(words(line))).toMatchObject({ stderr: '', status: 0 });
      }
    });
  });
});
