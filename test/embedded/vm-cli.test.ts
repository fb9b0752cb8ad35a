import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { kvmnet, run, type Outcome, type RunOptions } from '../helpers/host.ts';

const driver = ['-c', 'test:///default'];
const inDriver = (args: readonly string[], options?: RunOptions): Promise<Outcome> =>
  kvmnet([...driver, ...args], options);

/** Several commands on one state of the driver, which forgets when its process ends. */
async function shell(...lines: readonly string[]): Promise<Outcome> {
  return inDriver(['shell', '-e'], { stdin: `${lines.join('\n')}\n` });
}

const domiflist = ` Interface   Type      Source    Model   MAC
------------------------------------------------------------
 testnet0    network   default   -       aa:bb:cc:dd:ee:ff

`;

describe("VMs of libvirt's test driver", () => {
  it('are listed', async () => {
    const { stdout, stderr, status } = await inDriver(['vm', 'list', '--json']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        id: 1,
        name: 'test',
        state: 'running',
        active: true,
        persistent: true,
        autostart: false,
        nics: 1,
      }),
    ]);
    expect((await inDriver(['vm', 'list'])).stdout).toBe(
      'Name  Id  State    Autostart  Persistent\ntest  1   running  no         yes\n',
    );
    expect((await inDriver(['vm', 'list', '--columns', 'Name,NICs'])).stdout).toBe('Name  NICs\ntest  1\n');
    expect((await inDriver(['vm', 'list', '-o', 'csv'])).stdout).toBe(
      'Name,Id,State,Autostart,Persistent,NICs\ntest,1,running,no,yes,1\n',
    );
    expect((await inDriver(['vm', 'list', '-o', 'name'])).stdout).toBe('test\n');
  });

  it('are listed with their NICs and what each is attached to, now and at the next boot', async () => {
    const { stdout } = await inDriver(['vm', 'nics', 'test', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        domain: 'test',
        index: 0,
        type: 'network',
        mac: 'aa:bb:cc:dd:ee:ff',
        live: 'default',
        nextBoot: 'default',
        bridge: 'virbr0',
        link: 'up',
        problems: [],
      }),
    ]);
  });

  it('are listed by domiflist as virsh does it', async () => {
    const seen = await inDriver(['domiflist', 'test']);
    expect(seen).toEqual({ stdout: domiflist, stderr: '', status: 0 });
    expect((await run('virsh', [...driver, 'domiflist', 'test'])).stdout).toBe(domiflist);
  });

  it('have the addresses that the driver invents', async () => {
    const { stdout } = await inDriver(['vm', 'ip', 'test', '-o', 'csv', '--columns', 'Address,MAC']);
    expect(stdout).toMatch(/^Address,MAC\n192\.168\.122\.\d+,aa:bb:cc:dd:ee:ff\n$/);
  });

  it('get no NIC while they run: the driver has no hot-plug, and the hint names the command that works', async () => {
    for (const args of [
      ['vm', 'attach', 'test', 'default'],
      ['vm', 'detach', 'test', '0'],
      ['vm', 'move', 'test', '0', 'br0', '--bridge'],
      ['vm', 'link', 'test', '0', 'down'],
    ]) {
      expect(await inDriver(args)).toEqual({
        stdout: '',
        stderr:
          "error: libvirt's test driver cannot change the NICs of test while it runs\n" +
          'hint: --config changes them for the next boot\n',
        status: 2,
      });
    }
  });

  it('cannot be attached to what the driver does not have', async () => {
    const { stderr, status } = await inDriver(['vm', 'attach', 'test', 'defualt', '--config']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: no network, bridge or NIC of the host defualt\nhint: did you mean default\?; /);
  });

  describe('at their next boot', () => {
    it('have the NIC that is attached, with the options that it was given', async () => {
      const { stdout, stderr, status } = await shell(
        'vm attach test default --config --mac 52:54:00:00:00:01 --link down --in 8mbit',
        'vm attach test br7 --bridge --config --mac 52:54:00:00:00:02',
        'domiflist test --inactive',
        'vm nics test --columns NIC,Live,"Next boot",Link,Problem',
      );
      expect(stderr).toMatch(
        /^line 1: .*\nwarning: test already has a NIC in default \(aa:bb:cc:dd:ee:ff\): this is one more\n$/,
      );
      expect(status).toBe(0);
      expect(stdout).toMatch(
        /^test: NIC 52:54:00:00:00:01 attached to default\ntest: NIC 52:54:00:00:00:02 attached to br7\n/,
      );
      expect(stdout).toMatch(
        /^ testnet1 {4}network {3}default {3}- {7}52:54:00:00:00:01\n testnet2 {4}bridge {4}br7 {7}- {7}52:54:00:00:00:02$/m,
      );
      expect(stdout).toMatch(
        /^0 +default +default +up +-\n1 +- +default +down +only at the next boot\n2 +- +br7 +up +only at/m,
      );
    });

    it('have the NIC moved, its link switched, and are without it when it is detached', async () => {
      const { stdout, stderr, status } = await shell(
        'net create lan --bridge br0 --no-start',
        'vm move test 0 lan --config',
        'vm link test 0 down --config',
        'vm nics test --json',
        'vm detach test 0 --config',
        'domiflist test --inactive -q',
      );
      expect(status).toBe(0);
      expect(stderr).toMatch(/warning: network lan is not active: test will not start until it is\n/);
      expect(stdout).toMatch('test: NIC aa:bb:cc:dd:ee:ff is attached to lan\n');
      expect(stdout).toMatch('test: link down on NIC 0\n');
      expect(stdout).toMatch(/"live": "default",\s*"nextBoot": "lan"/);
      expect(stdout).toMatch(/test: NIC aa:bb:cc:dd:ee:ff detached\n$/);
    });

    it('start with the network that they need, once that is accepted', async () => {
      const before = await shell('vm stop test --force', 'net stop default', 'vm start test');
      expect(before.status).toBe(2);
      expect(before.stderr).toMatch(
        /^test needs network default, which is not active and has to be started\nhint: .*--yes/m,
      );
      const after = await shell(
        'vm stop test --force',
        'net stop default --yes',
        'vm start test --yes',
        'net list --columns Name,State',
      );
      expect({ stderr: after.stderr, status: after.status }).toEqual({ stderr: '', status: 0 });
      expect(after.stdout).toMatch(/^stopped test\n.*\nstarted test\nName +State\ndefault +active\n$/);
    });
  });

  describe('of a state of one’s own', () => {
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
      const nics = ['a', 'b'].map(
        (dev) => `<interface type='user'><mac address='52:54:00:00:00:09'/><source dev='${dev}'/></interface>`,
      );
      const domain = (name: string, inside: string) =>
        `<domain type='test'><name>${name}</name><memory>8192</memory><os><type>hvm</type></os><devices>${inside}</devices></domain>`;
      await writeFile(`${folder}/node.xml`, `<node>${domain('twins', nics.join(''))}${domain('bare', '')}</node>`);
    });

    afterAll(() => rm(folder, { recursive: true }));

    it('warn that libvirt cannot distinguish two NICs with one MAC', async () => {
      const { stderr, status } = await kvmnet([
        '-c',
        `test://${folder}/node.xml`,
        'vm',
        'detach',
        'twins',
        '0',
        '--config',
      ]);
      expect(status).toBe(2);
      expect(stderr).toMatch(
        /^error: twins has 2 NICs with the MAC 52:54:00:00:00:09: libvirt cannot distinguish them\nhint: shut/,
      );
    });

    it('are shown without NICs as virsh shows them', async () => {
      const { stdout, status } = await kvmnet(['-c', `test://${folder}/node.xml`, 'domiflist', 'bare']);
      expect(status).toBe(0);
      expect(stdout).toBe(' Interface   Type   Source   Model   MAC\n------------------------------------------\n\n');
      expect((await kvmnet(['-c', `test://${folder}/node.xml`, 'vm', 'nics', 'bare'])).stdout).toBe(
        'no NICs; attach one: kvmnet vm attach bare NETWORK\n',
      );
    });
  });
});
