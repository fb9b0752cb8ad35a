import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { connect as connectTo, createServer, type Server } from 'node:net';
import { signalDaemon, startDaemon, stopDaemon } from '../../helpers/daemon.ts';
import { kvmnetWithFault } from '../../helpers/fault/fault.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, type Outcome } from '../../helpers/host.ts';
import { kvmnetJson, nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { answers } from '../../helpers/reach.ts';
import { byKvmnet, byVirsh } from '../../helpers/virsh/parity.ts';
import { waitFor } from '../../helpers/wait.ts';

const folder = '/run/kvmnet-test/sockets';
const uriOf = (socket: string): string => `qemu+unix:///system?socket=${socket}`;
const uri = uriOf('/run/libvirt/libvirt-sock');
const linked = uriOf(`${folder}/link`);
const name = 'VM1';
const mac = '52:54:00:00:50:01';
const other = '52:54:00:00:50:02';

const at = (where: string, ...words: readonly string[]): Promise<Outcome> => kvmnet(['-c', where, ...words]);

/** Done by the socket, without a warning. */
async function done(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await at(uri, ...words);
  expect({ words, stderr, status }).toEqual({ words, stderr: expect.not.stringMatching(/warning|error/), status: 0 });
  return stdout;
}

const json = (...words: readonly string[]) => kvmnetJson(['-c', uri, ...words]);

interface ListedNetwork {
  readonly name: string;
  readonly problems: readonly string[];
}

async function problemsAt(where: string): Promise<readonly string[] | undefined> {
  const networks = (await kvmnetJson(['-c', where, 'net', 'list'])) as readonly ListedNetwork[];
  return networks.find((network) => network.name === 'keennet')?.problems;
}

/** Whether a network is refused for an address that only the kernel of this machine has. */
async function seesTheKernel(where: string): Promise<boolean> {
  await must('ip', ['address', 'add', '192.168.163.1/24', 'dev', 'br0']);
  const { stderr, status } = await at(where, 'net', 'create', 'x', '--nat', '192.168.163.0/24', '--dry-run');
  await must('ip', ['address', 'delete', '192.168.163.1/24', 'dev', 'br0']);
  expect([status, stderr]).toEqual(status === 0 ? [0, ''] : [2, expect.stringMatching(/163\.0\/24 overlaps .*br0/)]);
  return status !== 0;
}

/** A proxy for a socket, as ssh is one: its destination cannot be seen. */
async function relay(path: string): Promise<Server> {
  const server = createServer((near) => {
    const far = connectTo('/run/libvirt/libvirt-sock');
    near.pipe(far).pipe(near);
    for (const end of [near, far]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

const create = ['net', 'create', 'broken', '--nat', '192.168.161.0/24', '--bridge-name', 'broken0'];

onPrivateHost('a URI with a socket', () => {
  let guest: Guest;
  let address: string;

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    await symlink('/run/libvirt/libvirt-sock', `${folder}/link`);
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    await must('ip', ['link', 'set', 'dev', 'br0', 'up']);
    guest = await makeGuest(name, { spareRootPorts: 6 });
  });

  afterAll(async () => {
    await guest.remove();
    for (const network of ['keennet', 'second']) await kvmnet(['net', 'delete', network, '--yes']);
    await must('ip', ['link', 'delete', 'dev', 'br0']);
    await rm(folder, { recursive: true });
  });

  describe('changes networks and NICs as the URI without it does', () => {
    it('makes networks, and sees their bridges, rules and programs', async () => {
      const options = ['--bridge-name', 'keenbr0', '--no-stp'];
      await done('net', 'create', 'keennet', '--nat', '192.168.160.0/24', ...options);
      await done('net', 'create', 'second', '--isolated', '192.168.162.0/24', '--bridge-name', 'second0', '--no-stp');
      expect(await problemsAt(uri)).toEqual([]);
      expect(await done('net', 'list')).toMatch(/^keennet +active +yes +yes +nat +keenbr0 +192\.168\.160\.0\/24 /m);
      expect(await json('net', 'show', 'keennet')).toEqual(await kvmnetJson(['net', 'show', 'keennet']));
    });

    it('sees the addresses of the host that are in the way of a network', async () => {
      expect(await seesTheKernel(uri)).toBe(true);
      expect(await seesTheKernel(linked)).toBe(true);
    });

    it('attaches a NIC, waits for its lease, and shows both', async () => {
      const attached = await json('vm', 'attach', name, 'keennet', '--mac', mac, '--wait-ip', '100s');
      address = await guest.lease();
      expect(attached).toMatchObject({ mac, addresses: [address] });
      await answers(address);
      expect(await done('vm', 'ip', name)).toContain(address);
      expect(await done('net', 'leases', 'keennet')).toMatch(new RegExp(`^keennet +${address} +${mac} .*active$`, 'm'));
      const { stdout } = await run('virsh', ['-c', uri, 'domiflist', name]);
      expect(await done('domiflist', name)).toBe(stdout);
      expect(await done('domiflist')).toContain(address);
    });

    it('reserves addresses live, by net set, reserve and pin, and releases them', async () => {
      const pid = await must('cat', ['/run/libvirt/network/keennet.pid']);
      const lives = async (): Promise<readonly boolean[]> =>
        Promise.all(
          [[], ['--inactive']].map(async (flags) => (await virsh('net-dumpxml', 'keennet', ...flags)).includes(other)),
        );
      await done('net', 'set', 'keennet', '--reserve', `${other}=192.168.160.40,printer`);
      expect(await lives()).toEqual([true, true]);
      await done('net', 'release', 'keennet', other);
      expect(await lives()).toEqual([false, false]);
      await done('net', 'reserve', 'keennet', other, '192.168.160.41', '--host', 'printer');
      expect(await lives()).toEqual([true, true]);
      await done('net', 'release', 'keennet', '192.168.160.41');
      await done('net', 'pin', 'keennet', name);
      expect(await virsh('net-dumpxml', 'keennet')).toMatch(new RegExp(`<host mac='${mac}'.* ip='${address}'/>`));
      expect(await must('cat', ['/run/libvirt/network/keennet.pid'])).toBe(pid);
    });

    it('restarts a network under a guest, and reattaches the guest', async () => {
      expect((await at(uri, 'net', 'restart', 'keennet')).status).toBe(2);
      expect(await done('net', 'restart', 'keennet', '--yes')).toContain(mac);
      await answers(address);
    });

    it('heals what virsh net-destroy and net-start have cut off', async () => {
      await virsh('net-destroy keennet; net-start keennet');
      expect(await problemsAt(uri)).not.toEqual([]);
      await done('net', 'heal', 'keennet');
      expect(await problemsAt(uri)).toEqual([]);
      await answers(address);
    });

    it('heals a network whose bridge is missing, which only the kernel shows', async () => {
      await must('ip', ['link', 'delete', 'dev', 'keenbr0']);
      expect((await problemsAt(uri))?.join()).toContain('keenbr0');
      await done('net', 'heal', 'keennet', '--yes');
      expect(await problemsAt(uri)).toEqual([]);
      await answers(address);
    });

    it('moves a NIC, sets its link, limits it, and detaches it', async () => {
      await done('vm', 'attach', name, 'br0', '--mac', other);
      await done('vm', 'move', name, other, 'second');
      for (const life of [[], ['--inactive']] as const) {
        const nic = (await nicsOf(name, ...life)).find((each) => each.mac === other);
        expect(nic?.source).toMatch(/^network='second'/);
      }
      await done('vm', 'link', name, other, 'down');
      expect((await nicsOf(name)).find((nic) => nic.mac === other)?.link).toBe('down');
      await done('vm', 'link', name, other, 'up');
      // The kernel of a test may be unable to limit a running guest.
      await done('vm', 'rate', name, other, '--in', '100mbit', '--config');
      expect(await done('vm', 'nics', name)).toContain(other);
      expect(await done('vm', 'nics', name, '--sync', 'config')).toContain('next boot');
      expect(await virsh('dumpxml', name, '--inactive')).not.toContain('<bandwidth>');
      await done('vm', 'detach', name, other);
      expect(await virsh('domiflist', name)).not.toContain(other);
    });

    it('notes it in the history, and undoes it', async () => {
      expect(await done('history', '--last', '1')).toMatch(/done +vm detach VM1 52:54:00:00:50:02$/m);
      await done('undo');
      expect(await virsh('domiflist', name)).toContain(other);
      await done('vm', 'detach', name, other);
    });
  });

  it.each([
    ...['net-list --all', 'net-list --name', 'net-info keennet', 'net-dumpxml keennet', 'net-uuid keennet'],
    ...['net-dumpxml keennet --inactive', 'net-dhcp-leases keennet', 'net-port-list keennet', 'net-info nosuch'],
    ...['net-autostart keennet', 'net-autostart second --disable', 'net-destroy second', 'net-start second'],
    ...['iface-list --all', 'iface-mac lo', 'nwfilter-list', 'nwfilter-dumpxml clean-traffic', 'nwfilter-binding-list'],
    ...[`domiflist ${name}`, `domiflist ${name} --inactive`, `domifaddr ${name}`, `domif-getlink ${name} ${mac}`],
    ...[`domiftune ${name} ${mac}`, `domif-setlink ${name} ${mac} up`, `detach-interface ${name} bridge`],
    `attach-interface ${name} network keennet --print-xml`,
  ])('makes %s print and return what virsh does with that URI', async (line) => {
    const words = ['-c', uri, ...line.split(' ')];
    const expected = await byVirsh(words);
    // Each from the same state: a network exists to be stopped once.
    if (line === 'net-destroy second') await virsh('net-start', 'second');
    if (line === 'net-start second') await virsh('net-destroy', 'second');
    expect(await byKvmnet(words)).toEqual(expected);
  });

  describe('is one host with all URIs of its daemon', () => {
    it.each([
      ['the system, by a link to the socket', uri, linked],
      ['the socket, by the URI without it', uri, 'qemu:///system'],
      ['the URI without a socket, by the socket', 'qemu:///system', uri],
      ['a link, by a transport without a path', linked, 'qemu+unix:///system'],
    ])('a run that broke off is seen, and finished by the same command, at %s', async (_what, first, second) => {
      const fault = { line: 'begin: start network broken', signal: 'SIGKILL' } as const;
      expect((await kvmnetWithFault(fault, ['-c', first, ...create])).status).toBe(128 + 9);
      expect((await at(second, 'net', 'list')).stderr).toContain('a run broke off in the middle of');
      const { stdout, stderr, status } = await at(second, ...create);
      expect(stdout).toContain('finished what an earlier run began: create network broken');
      expect(stderr).toContain('finishing it');
      expect(status).toBe(0);
      expect((await at(first, 'history', '--last', '1')).stdout).toMatch(/done +net create broken /);
      expect((await at(first, 'undo')).stdout).toContain('undone: create network broken');
      expect(await virsh('net-list', '--all', '--name')).not.toContain('broken');
    });

    it('and undone by any other command', async () => {
      const fault = { line: 'begin: start network broken', signal: 'SIGKILL' } as const;
      await kvmnetWithFault(fault, ['-c', uri, ...create]);
      const { stderr, status } = await at(linked, 'net', 'autostart', 'second');
      expect(stderr).toContain('undoing it');
      expect(status).toBe(0);
      expect(await virsh('net-list', '--all', '--name')).not.toContain('broken');
    });
  });

  describe('that a proxy forwards', () => {
    const path = `${folder}/relay`;
    const relayed = uriOf(path);
    let server: Server;

    beforeAll(async () => {
      server = await relay(path);
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it('works, and has no links of this machine: they may be of another host', async () => {
      expect((await at(relayed, 'net', 'show', 'keennet')).status).toBe(0);
      expect(await seesTheKernel(relayed)).toBe(false);
      // A dnsmasq of this name runs here, and is none of that host's.
      const { stdout } = await at(relayed, 'net', 'heal', '--dry-run');
      expect(stdout).toBe('heal all networks: nothing to do\n');
    });

    it('has a journal of its own', async () => {
      expect((await at(relayed, 'net', 'autostart', 'second', '--disable')).status).toBe(0);
      expect((await at(uri, 'history', '--last', '1')).stdout).not.toContain('--disable');
      expect((await at(relayed, 'history')).stdout).toMatch(/^1 .*net autostart second --disable$/m);
      expect((await at(relayed, 'history')).stdout).not.toMatch(/^2 /m);
    });
  });

  it('at a daemon that listens elsewhere is that daemon, on this machine', async () => {
    const elsewhere = uriOf(`${folder}/own/libvirt-sock`);
    await mkdir(`${folder}/own`);
    const file = `${folder}/libvirtd.conf`;
    await writeFile(file, `unix_sock_dir = "${folder}/own"\nauth_unix_ro = "none"\nauth_unix_rw = "none"\n`);
    await stopDaemon();
    try {
      await must('libvirtd', ['--daemon', '--config', file]);
      await waitFor('libvirtd to answer', async () => (await run('virsh', ['-c', elsewhere, 'uri'])).status === 0);
      expect(await problemsAt(elsewhere)).toEqual([]);
      expect(await seesTheKernel(elsewhere)).toBe(true);
      expect((await at(elsewhere, 'history')).stdout).toBe('nothing was changed yet\n');
    } finally {
      await stopDaemon();
      await startDaemon();
    }
  });

  describe('in trouble', () => {
    it.each([['net list'], ['domiflist'], ['net create x --nat 192.168.164.0/24'], ['vm link VM1 0 down']])(
      'reports for %s in a sentence that the socket does not exist',
      async (line) => {
        const nowhere = uriOf(`${folder}/nowhere`);
        const { stdout, stderr, status } = await at(nowhere, ...line.split(' '));
        expect(stderr).toMatch(/^error: no daemon answers at qemu\+unix:[^\n]+\nhint: [^\n]*nowhere[^\n]*\n$/);
        expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      },
    );

    it.each([['net list'], ['net start second'], ['net-list'], ['domiflist']])(
      'ends %s at its deadline where the daemon hangs',
      async (line) => {
        await signalDaemon('STOP');
        try {
          const { stdout, stderr, status } = await at(uri, '--timeout', '1', ...line.split(' '));
          expect(stderr).toMatch(/^error: qemu\+unix:\S+ did not answer within 1 s\nhint: [^\n]+\n$/);
          expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
        } finally {
          await signalDaemon('CONT');
        }
      },
    );
  });
});
