import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { kvmnetWithFault, said, withReadOnly } from '../../helpers/fault/fault.ts';
import { command, kvmnet, must, run, startKvmnet } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { closeSessions, hostLinks, nic, openSession, plugIn, unplug, untilLinksAre } from '../../helpers/router.ts';
import { settledLinks } from '../../helpers/snapshot.ts';
import { waitFor } from '../../helpers/wait.ts';

/** A change of the router's end of the cable. */
const router = (...words: readonly string[]): readonly string[] => [
  ...['ip', '-n', 'router', 'link', 'set', 'dev', 'up0'],
  ...words,
];
const create = ['bridge', 'create', 'br0', '--port', nic.name, '--take-ip'];

onPrivateHost('bridge create --take-ip', () => {
  let before: unknown;

  beforeAll(plugIn);
  beforeEach(async () => {
    before = await hostLinks();
  });
  afterEach(async () => {
    await closeSessions();
    // For a test that failed.
    await startKvmnet(['rollback']).outcome;
    if ((await run('ip', ['link', 'delete', 'br0'])).status !== 0) return;
    await unplug();
    await plugIn();
  });
  afterAll(unplug);

  async function expectAsBefore(seconds: number): Promise<void> {
    await waitFor('br0 to be gone', async () => (await run('ip', ['link', 'show', 'br0'])).status !== 0, { seconds });
    await waitFor('the watchdog to end', async () => (await must('ls', ['/var/lib/kvmnet/watch'])) === '', { seconds });
    await untilLinksAre(before);
  }

  async function outcomeOf(): Promise<string> {
    const entries = JSON.parse((await kvmnet(['history', '--json'])).stdout) as { outcome: string }[];
    return entries[0]!.outcome;
  }

  it('moves all settings of the NIC, and keeps them once confirmed: connections survive', async () => {
    const session = await openSession();
    await session.goesOn();
    const { stdout, stderr, status } = await kvmnet(create);
    expect({ stderr, status }).toEqual({
      status: 0,
      stderr:
        'warning: eth0 carries the default route via 198.51.100.1 and 192.0.2.1 and 2001:db8::1: it is reverted after 60 s unless you confirm it\n',
    });
    expect(stdout).toContain('created bridge br0 with 192.0.2.10/24, ');
    expect(stdout).toContain('confirm within 60 s, or it is reverted: kvmnet confirm\n');
    await session.goesOn();

    const [link] = JSON.parse(await must('ip', ['-j', '-d', 'link', 'show', 'br0'])) as [Record<string, unknown>];
    expect(link).toMatchObject({
      address: nic.mac,
      mtu: nic.mtu,
      linkinfo: { info_data: { stp_state: 0, forward_delay: 0 } },
    });
    expect(await outcomeOf()).toBe('unconfirmed');
    expect(await kvmnet(['confirm'])).toEqual({
      status: 0,
      stderr: '',
      stdout: 'confirmed: create bridge br0 with eth0\n',
    });
    await waitFor('the watchdog to end', async () => (await must('ls', ['/var/lib/kvmnet/watch'])) === '');
    expect(await outcomeOf()).toBe('done');
    await session.goesOn();

    await settledLinks();
    const inBridge = JSON.stringify(await hostLinks());
    const renamed = JSON.parse(
      JSON.stringify(before).replaceAll('"eth0:1"', '"br0:1"').replaceAll('"eth0"', '"br0"'),
    ) as [{ ifname: string; addr_info: unknown }[], { dev: string }[]];
    const addresses = renamed[0].find(({ ifname }) => ifname === 'br0')?.addr_info;
    const [found, routes] = JSON.parse(inBridge) as typeof renamed;
    expect(found.find(({ ifname }) => ifname === 'br0')?.addr_info).toEqual(addresses);
    expect(found.find(({ ifname }) => ifname === nic.name)?.addr_info).toEqual([
      expect.objectContaining({ scope: 'link' }),
    ]);
    expect(routes).toEqual(renamed[1]);

    // The second time nothing is to be done, and nothing to be confirmed.
    expect(await kvmnet(create)).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to do') });
    // The undo is risky too.
    const undo = await kvmnet(['undo', '--yes', '--json']);
    expect(undo).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('warning: br0 carries the default route'),
    });
    await session.goesOn();
    expect(await kvmnet(['confirm'])).toMatchObject({ status: 0 });
    await expectAsBefore(20);
    await session.goesOn();
  });

  it('is reverted exactly if it is not confirmed, and connections survive', async () => {
    const session = await openSession('2001:db8::10');
    await session.goesOn();
    const { stdout, status } = await kvmnet([...create, '--confirm-within', '10', '--json']);
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as { confirmWithin: number; deadline: string };
    expect(result.confirmWithin).toBe(10);
    expect(Date.parse(result.deadline) - Date.now()).toBeLessThan(10_000);
    await session.goesOn();
    await expectAsBefore(30);
    await session.goesOn();
    expect(await outcomeOf()).toBe('undone');
    expect(await kvmnet(['confirm'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'no change waits for a confirmation; the last one, "create bridge br0 with eth0", was reverted\n',
      ),
    });
  });

  it('is reverted at once by kvmnet rollback, and no other change is made before that', async () => {
    expect(await kvmnet(create)).toMatchObject({ status: 0 });
    await settledLinks();
    const inBridge = await hostLinks();
    for (const other of [['bridge', 'create', 'br9'], ['net', 'create', '--nat', 'auto'], create, ['undo', '1']]) {
      const refused = await kvmnet(other);
      expect(refused).toMatchObject({ status: 2, stdout: '' });
      expect(refused.stderr).toMatch(/"create bridge br0 with eth0",? (by \w+ )?is awaiting confirmation/);
    }
    const { stderr } = await kvmnet(['bridge', 'create', 'br9', '--json']);
    const { error } = JSON.parse(stderr) as { error: { code: string; details: { user: string; seconds: number } } };
    expect(error).toMatchObject({ code: 'LOCKED', details: { user: 'root' } });
    expect(error.details.seconds).toBeGreaterThan(0);
    expect(error.details.seconds).toBeLessThanOrEqual(60);
    expect(await hostLinks()).toEqual(inBridge);
    const looking = await kvmnet(['net', 'list']);
    expect(looking.stderr).toContain('is awaiting confirmation for ');
    expect(await kvmnet(['rollback'])).toMatchObject({
      status: 0,
      stdout: 'rolled back: create bridge br0 with eth0\n',
    });
    await expectAsBefore(10);
    expect(await kvmnet(['rollback'])).toMatchObject({ status: 2, stderr: expect.stringContaining('was reverted') });
  });

  it('is not confirmed over the SSH connection that it was made by, and by a new one', async () => {
    const connection = (port: number): { env: Record<string, string> } => ({
      env: { SSH_CONNECTION: `192.0.2.1 ${port} ${nic.address} 22` },
    });
    const made = await kvmnet(create, connection(50_000));
    expect(made.stderr).toContain('your SSH connection comes in over eth0 (192.0.2.10)');
    expect(made.stdout).toContain('confirm within 60 s over a new SSH connection, or it is reverted');
    const old = await kvmnet(['confirm'], connection(50_000));
    expect(old).toMatchObject({ status: 2, stdout: '' });
    expect(old.stderr).toContain('this is the connection that the change was made over');
    // sudo(8) takes the variable away, not the process above it.
    const likeSudo = ['-c', 'env -u SSH_CONNECTION "$@"; exit', 'bash', ...command, 'confirm'];
    const throughSudo = await run('bash', likeSudo, connection(50_000));
    expect(throughSudo).toMatchObject({ status: 2, stdout: '' });
    expect(await kvmnet(['confirm'], connection(50_001))).toMatchObject({ status: 0 });
    await kvmnet(['undo', '--yes', '--no-confirm']);
    await expectAsBefore(10);
  });

  it('is rolled back at once if the gateway stops answering, and reports it', async () => {
    // A switch with port security: it accepts frames from the port as long as no bridge is behind it.
    const fault = { line: 'done: create bridge br0', run: router('arp', 'off') };
    const outcome = await kvmnetWithFault(fault, create);
    await must('ip', router('arp', 'on').slice(1));
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(said(outcome)).toMatch(
      /^error: the gateway \S+ answered over eth0, and does not over br0; everything is as before$/m,
    );
    await expectAsBefore(10);
    expect(await outcomeOf()).toBe('undone');
  });

  it('reports that the gateway did not answer before, and proceeds', async () => {
    await must('ip', router('arp', 'off').slice(1));
    const { stderr, status } = await kvmnet(create);
    expect(status).toBe(0);
    expect(stderr).toContain('warning: the gateway 192.0.2.1 does not answer over eth0');
    expect(await kvmnet(['rollback'])).toMatchObject({ status: 0 });
    await must('ip', router('arp', 'on').slice(1));
    await expectAsBefore(10);
  });

  it('without a confirmation asks first', async () => {
    const asked = await kvmnet([...create, '--no-confirm']);
    expect(asked).toMatchObject({ status: 2, stdout: '' });
    expect(asked.stderr).toContain('if that fails, it is not reverted automatically (--no-confirm)');
    const done = await kvmnet([...create, '--no-confirm', '--yes']);
    expect(done).toMatchObject({ status: 0, stderr: '' });
    expect(done.stdout).not.toContain('confirm');
    await kvmnet(['undo', '--yes', '--no-confirm']);
    await expectAsBefore(10);
  });

  it.each([
    [['--confirm-within', '4'], '--confirm-within "4" is not a number of seconds from 5 to 3600'],
    [['--confirm-within', '1e2'], '--confirm-within "1e2" is not a number'],
    [['--confirm-within', '60', '--no-confirm'], 'exclude each other'],
    [['--mac', '52:54:00:00:00:09'], '--take-ip and --mac exclude each other'],
    [['--address', '192.0.2.99/24'], '--take-ip and --address exclude each other'],
  ])('refuses %j', async (more, said) => {
    const refused = await kvmnet([...create, ...more]);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain(said);
    expect(await hostLinks()).toEqual(before);
  });

  it('refuses without a watchdog, and changes nothing', async () => {
    const { stderr, status } = await withReadOnly('/var/lib/kvmnet/watch', () => kvmnet(create));
    expect(status).toBe(2);
    expect(stderr).toContain('the watchdog that would revert the change did not start; nothing was changed');
    expect(await hostLinks()).toEqual(before);
  });

  it('moves to an existing bridge, whose other ports stay when it is reverted', async () => {
    await must('ip', ['link', 'add', 'br0', 'address', '52:54:00:00:00:77', 'type', 'bridge']);
    await must('ip', ['link', 'add', 'foreign0', 'type', 'veth', 'peer', 'name', 'foreign1']);
    for (const words of ['foreign0 master br0 up', 'foreign1 up', 'br0 up'])
      await must('ip', ['link', 'set', 'dev', ...words.split(' ')]);
    await must('ip', ['address', 'add', '10.7.7.1/24', 'dev', 'br0']);
    try {
      await settledLinks();
      const wasThere = await hostLinks();
      const session = await openSession();
      await session.goesOn();
      const added = await kvmnet(['bridge', 'add-port', 'br0', nic.name, '--take-ip']);
      expect(added).toMatchObject({
        status: 0,
        stderr: expect.stringContaining('br0 gets the MAC of eth0'),
      });
      await session.goesOn();
      expect(await kvmnet(['rollback'])).toMatchObject({ status: 0 });
      await session.goesOn();
      await untilLinksAre(wasThere);
    } finally {
      await run('ip', ['link', 'delete', 'foreign0']);
      await run('ip', ['link', 'delete', 'br0']);
    }
  });
});
