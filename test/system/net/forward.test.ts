import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { removeNetworks, withFake } from '../../helpers/fault/fault.ts';
import { makeGuest, makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { ask, makeNamespace, removeNamespace } from '../../helpers/namespace.ts';
import { nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { answers } from '../../helpers/reach.ts';
import { difference, snapshot, type Snapshot } from '../../helpers/snapshot.ts';
import { killedBefore, kvmnetAs, kvmnetBy } from '../../helpers/user.ts';
import { refusedLines } from './forward-refused.ts';

const network = `<network><name>fwd</name><forward mode='nat'/><bridge name='fwd0' stp='off' delay='0'/>
  <ip address='192.168.77.1' prefix='24'><dhcp><range start='192.168.77.2' end='192.168.77.99'/></dhcp></ip></network>`;
const hook = '/etc/libvirt/hooks/network.d/kvmnet';
/** The line that a guest answers with: another one after each start. */
const ofGuest = /^[0-9a-f-]{36}$/;
const words = (line: string): readonly string[] => line.split(' ');

/** The files of forwards, of the whole host. */
async function files(): Promise<readonly string[]> {
  const found = await run('find', [
    '/etc/kvmnet',
    '/etc/libvirt/hooks',
    '/etc/systemd/system',
    '/etc/sysctl.d',
    '-type',
    'f',
  ]);
  return found.stdout
    .split('\n')
    .filter((path) => path !== '')
    .sort();
}

async function done(line: string): Promise<string> {
  const { status, stdout, stderr } = await kvmnet(words(line));
  if (status !== 0) throw new Error(`kvmnet ${line} ended with status ${status}: ${stderr}`);
  return stdout;
}

async function listed(): Promise<readonly { readonly name: string; readonly inForce: string }[]> {
  return JSON.parse(await done('forward list --json')) as Awaited<ReturnType<typeof listed>>;
}

onPrivateHost('port forwards', () => {
  let guest: Guest;

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'fwd');
    guest = await makeGuest('VM1', { nics: [nicIn('fwd', '52:54:00:00:77:01')] });
    await makeNamespace('outside', { addresses: ['10.9.0.2/24'], host: ['10.9.0.1/24'] });
    await makeNamespace('other', { bridge: 'fwd0', addresses: ['192.168.77.150/24'], gateways: ['192.168.77.1'] });
    await guest.lease();
  });

  afterAll(async () => {
    await kvmnet(['forward', 'remove', '--all']);
    await guest.remove();
    for (const name of ['outside', 'other']) await removeNamespace(name);
    await removeNetworks();
  });

  it('reach a guest from outside, from the host by its address and by localhost, and from another guest', async () => {
    const address = await guest.lease();
    expect(await ask('outside', 'tcp', '10.9.0.1', 8080)).toBe('ECONNREFUSED');
    expect(await done('forward add 8080 VM1:80')).toBe(`8080/tcp is forwarded to VM1 (${address}:80)\n`);
    const line = await ask('outside', 'tcp', '10.9.0.1', 8080);
    expect(line).toMatch(ofGuest);
    expect(await ask(undefined, 'tcp', '10.9.0.1', 8080)).toBe(line);
    expect(await ask(undefined, 'tcp', '127.0.0.1', 8080)).toBe(line);
    expect(await ask('other', 'tcp', '10.9.0.1', 8080)).toBe(line);
    // Its other ports stay closed to the outside.
    expect(await ask('outside', 'tcp', address, 80)).not.toBe(line);
    expect(await listed()).toMatchObject([{ name: '8080/tcp', inForce: 'yes' }]);
  });

  it('follow a guest by its reservation when it starts again', async () => {
    const before = await guest.lease();
    await virsh('destroy', 'VM1');
    await guest.start();
    await answers(before);
    expect(await guest.lease()).toBe(before);
    expect(await ask('outside', 'tcp', '10.9.0.1', 8080)).toMatch(ofGuest);
  });

  it('are undone and redone as one change', async () => {
    await done('undo --yes');
    expect(await files()).toEqual([]);
    expect(await ask('outside', 'tcp', '10.9.0.1', 8080)).toBe('ECONNREFUSED');
    expect(await virsh('net-dumpxml', 'fwd')).not.toContain('<host mac');
    await done('undo 1 --yes');
    expect(await ask('outside', 'tcp', '10.9.0.1', 8080)).toMatch(ofGuest);
  });

  it('have files that root alone may read, and a hook that libvirt may run', async () => {
    expect(await files()).toEqual([
      '/etc/kvmnet/nat.devices',
      '/etc/kvmnet/nat.iptables',
      '/etc/kvmnet/nat.json',
      hook,
      '/etc/systemd/system/kvmnet-nat.service',
    ]);
    const modes = await Promise.all((await files()).map(async (path) => ((await stat(path)).mode & 0o777).toString(8)));
    expect(modes).toEqual(['600', '600', '600', '755', '644']);
  });

  it('are root’s to change, also for members of group libvirt', async () => {
    for (const line of ['forward add 81 VM1', 'forward list', 'forward remove 8080', 'forward restore', 'snat list']) {
      const { status, stderr } = await kvmnetAs('alice', words(line));
      expect({ line, status, stderr }).toMatchObject({
        line,
        status: 1,
        stderr: expect.stringMatching(/^error: only root may /),
      });
    }
  });

  describe('which are refused', () => {
    let two: Guest;
    // Each finds the host as the one before has left it.
    let before: Snapshot;
    beforeAll(async () => {
      const nics = ['52:54:00:00:77:02', '52:54:00:00:77:03'].map((mac) => nicIn('fwd', mac));
      two = await makeGuestWithoutSystem('two', { nics, start: false });
      before = await snapshot();
    });
    afterAll(() => two.remove());

    it.each(refusedLines)('%s', async (line, reason) => {
      const { status, stdout, stderr } = await kvmnet(words(line));
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(reason);
      expect(difference(before, await snapshot())).toBe('');
    });
  });

  it('both land when two are added at once', async () => {
    const outcomes = await Promise.all(
      [8081, 8082].map((port) => kvmnetBy('root', words(`forward add ${port} VM1:80`))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([0, 0]);
    const names = await listed();
    expect(names.map(({ name, inForce }) => `${name} ${inForce}`)).toEqual(
      expect.arrayContaining(['8081/tcp yes', '8082/tcp yes']),
    );
    expect(await ask('outside', 'tcp', '10.9.0.1', 8082)).toMatch(ofGuest);
    await done('forward remove 8081 8082');
  });

  it('are all there or none where kvmnet is killed at any of their files', async () => {
    await done('forward remove --all');
    const before = await snapshot();
    for (const pattern of ['nat\\.json', 'nat\\.iptables', 'network\\.d/kvmnet', 'kvmnet-nat\\.service']) {
      const { status } = await killedBefore(pattern, 'root', words('forward add 8090 VM1:80'));
      expect({ pattern, status }).toEqual({ pattern, status: 128 + 9 });
      // The next change undoes the steps that were done.
      await done('net autostart fwd');
      await done('undo --yes');
      expect({ pattern, left: difference(before, await snapshot()), files: await files() }).toEqual({
        ...{ pattern, left: '', files: [] },
      });
    }
    // The same command finishes it.
    await killedBefore('kvmnet-nat\\.service', 'root', words('forward add 8090 VM1:80'));
    await done('forward add 8090 VM1:80');
    expect(await ask('outside', 'tcp', '10.9.0.1', 8090)).toMatch(ofGuest);
    await done('forward remove --all');
    expect(difference(before, await snapshot())).toBe('');
  });

  it('come from a file by the thousand, in one transaction', async () => {
    await done('forward remove --all');
    const before = await snapshot();
    const lines = Array.from({ length: 1000 }, (_, index) => `${String(20_000 + index)} 192.168.77.150:80`);
    await writeFile('/run/forwards', `${lines.join('\n')}\n`);
    const programs = await withFake(
      '/usr/sbin/iptables',
      { script: 'basename "$0" >>/run/calls; REAL "$@"' },
      async () => {
        expect(await done('forward import /run/forwards')).toBe('added: 1000 forwards, 0 source NAT\n');
        return (await readFile('/run/calls', 'utf8')).split('\n');
      },
    );
    expect(programs.filter((name) => name === 'iptables-restore')).toHaveLength(1);
    // Of both families: before the change, to plan it, and after it.
    expect(programs.length).toBeLessThan(20);
    const { stdout, stderr } = await kvmnet(words('forward list --json --verbose'));
    const all = JSON.parse(stdout) as readonly { readonly inForce: string }[];
    expect(all.filter(({ inForce }) => inForce === 'yes')).toHaveLength(1000);
    expect(stderr.split('\n').filter((line) => /^(ip6?tables|nft)/.test(line)).length).toBeLessThan(5);
    const { stdout: text } = await kvmnet(['forward', 'export']);
    expect(text).toBe(`${lines.map((line) => line.replace(' ', '/tcp ')).join('\n')}\n`);
    await done('forward remove --all');
    expect(difference(before, await snapshot())).toBe('');
    expect(await readdir('/etc/kvmnet')).toEqual([]);
    for (const path of ['/run/forwards', '/run/calls']) await rm(path);
  });

  it('leave what other programs have forwarded', async () => {
    const rule = words('-t nat -A PREROUTING -p tcp -m tcp --dport 9000 -j DNAT --to-destination 192.168.77.150:80');
    await must('iptables', rule);
    const { status, stderr } = await kvmnet(words('forward add 9000 VM1:80'));
    expect(status).toBe(2);
    expect(stderr).toContain(
      'port 9000/tcp is forwarded by another program already: iptables table ip nat, chain PREROUTING',
    );
    await must(
      'iptables',
      rule.map((word) => (word === '-A' ? '-D' : word)),
    );
  });

  it('of IPv6 keep the default route that a router has advertised to the host', async () => {
    const setting = (path: string): Promise<string> => readFile(`/proc/sys/net/ipv6/conf/${path}`, 'utf8');
    await writeFile('/proc/sys/net/ipv6/conf/all/forwarding', '0');
    await writeFile('/proc/sys/net/ipv6/conf/outside/accept_ra', '1');
    await must('ip', words('-6 route add default via fe80::1 dev outside proto ra'));
    const line = 'snat add fd00:10::/64 --to masquerade --dev outside';
    const { status, stderr } = await kvmnet(words(line));
    expect(status).toBe(2);
    expect(stderr).toContain('net.ipv6.conf.outside.accept_ra becomes 2');
    await done(`${line} --yes`);
    expect([await setting('outside/accept_ra'), await setting('all/forwarding')]).toEqual(['2\n', '1\n']);
    expect(await readFile('/etc/sysctl.d/60-kvmnet-nat.conf', 'utf8')).toBe(
      'net.ipv6.conf.outside.accept_ra = 2\nnet.ipv6.conf.all.forwarding = 1\n',
    );
    await done('undo --yes');
    expect([await setting('outside/accept_ra'), await setting('all/forwarding')]).toEqual(['1\n', '0\n']);
    expect(await files()).not.toContain('/etc/sysctl.d/60-kvmnet-nat.conf');
    await must('ip', words('-6 route delete default via fe80::1 dev outside'));
  });

  it('name the table that drops them, and get through it with --fix', async () => {
    const table = 'table inet hostfw {\n chain forward {\n type filter hook forward priority 10; policy drop;\n }\n }';
    await must('nft', [table]);
    await must('iptables', ['-P', 'FORWARD', 'DROP']);
    const clean = await snapshot();
    const { status, stderr } = await kvmnet(words('forward add 10.9.0.1:8095 VM1:80'));
    expect(status).toBe(0);
    expect(stderr).toContain(
      'connections from outside to 10.9.0.1:8095/tcp are dropped by nft table inet hostfw, chain forward, policy drop; --fix adds a rule',
    );
    expect(await ask('outside', 'tcp', '10.9.0.1', 8095)).toBe('no answer');
    await done('forward remove 8095');
    expect(difference(clean, await snapshot())).toBe('');
    await must('iptables', words('-t mangle -A FORWARD -i outside -j DROP'));
    const before = await snapshot();
    expect((await kvmnet(words('forward add 10.9.0.1:8095 VM1:80 --fix'))).stderr).not.toContain('hostfw');
    expect(await ask('outside', 'tcp', '10.9.0.1', 8095)).toMatch(ofGuest);
    expect(await must('nft', ['list', 'table', 'inet', 'hostfw'])).toContain(
      'accept comment "kvmnet:10.9.0.1:8095/tcp:2"',
    );
    const ofOthers = async (): Promise<unknown> => ({
      nft: (await must('nft', ['list', 'table', 'inet', 'hostfw'])).match(/comment "[^"]*"/g),
      mangle: (await must('iptables', ['-t', 'mangle', '-S', 'FORWARD'])).match(/--comment \S+/g),
    });
    const admitted = await ofOthers();
    for (const restore of [() => done('forward restore'), () => must(hook, ['fwd', 'started'])]) {
      await must('nft', ['flush', 'chain', 'inet', 'hostfw', 'forward']);
      await must('iptables', words('-t mangle -D FORWARD 1'));
      expect(await listed()).toMatchObject([{ inForce: 'partly' }]);
      // The second time finds them there.
      for (let time = 0; time < 2; time += 1) await restore();
      expect(await ask('outside', 'tcp', '10.9.0.1', 8095)).toMatch(ofGuest);
      expect(await ofOthers()).toEqual(admitted);
      expect(await listed()).toMatchObject([{ inForce: 'yes' }]);
    }
    await done('forward remove 8095');
    expect(difference(before, await snapshot())).toBe('');
    await must('iptables', words('-t mangle -D FORWARD -i outside -j DROP'));
    await must('nft', ['delete', 'table', 'inet', 'hostfw']);
    await must('iptables', ['-P', 'FORWARD', 'ACCEPT']);
  });
});
