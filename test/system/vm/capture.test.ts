import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, startKvmnet, virsh, virshWith, type Outcome, type Running } from '../../helpers/host.ts';
import { nicIn, nicsOf } from '../../helpers/nics.ts';
import { readPcapng } from '../../helpers/pcapng.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { kvmnetAs } from '../../helpers/user.ts';
import { waitFor } from '../../helpers/wait.ts';

const network = `<network><name>way</name><forward mode='nat'/><bridge name='way0' stp='off' delay='0'/>
  <ip address='192.168.79.1' prefix='24'><dhcp><range start='192.168.79.100' end='192.168.79.199'/></dhcp></ip></network>`;

/** Starts a capture, and waits until it sees packets. */
async function capture(...words: readonly string[]): Promise<Running> {
  const running = startKvmnet(['capture', ...words]);
  let notes = '';
  running.process.stderr!.on('data', (part: string) => (notes += part));
  void running.outcome.then(({ stdout }) => (notes += `ended: ${stdout}`));
  await waitFor('the capture to begin', () => /capturing on|ended/.test(notes));
  return running;
}

async function end(running: Running): Promise<Outcome> {
  running.process.kill('SIGINT');
  const outcome = await running.outcome;
  expect(outcome).toMatchObject({ status: 0 });
  return outcome;
}

const tcpdumps = async (): Promise<string> => (await run('pgrep', ['tcpdump'])).stdout;

onPrivateHost('capture', () => {
  let guest: Guest;
  let folder = '';
  let address = '';
  let tap = '';

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-capture-`);
    await must('ip', ['netns', 'add', 'outside']);
    await must('ip', ['link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'outside']);
    await must('ip', ['address', 'add', '203.0.113.2/24', 'dev', 'up0']);
    await must('ip', ['link', 'set', 'dev', 'up0', 'up']);
    await must('ip', ['-n', 'outside', 'address', 'add', '203.0.113.1/24', 'dev', 'eth0']);
    await must('ip', ['-n', 'outside', 'link', 'set', 'dev', 'eth0', 'up']);
    await must('ip', ['route', 'add', 'default', 'via', '203.0.113.1']);
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'way');
    guest = await makeGuest('VM1', { nics: [nicIn('way', '52:54:00:00:79:01')] });
    address = await guest.lease();
    tap = (await nicsOf('VM1'))[0]?.tap ?? '';
  });

  afterAll(async () => {
    await guest.remove();
    await kvmnet(['net', 'delete', 'way', '--yes']);
    await must('ip', ['netns', 'delete', 'outside']);
    await run('ip', ['link', 'delete', 'dev', 'up0']);
    await rm(folder, { recursive: true });
  });

  it('shows each packet once, with the devices that saw it in their order, and ends with Ctrl-C', async () => {
    const running = await capture('host', 'VM1', '--', 'icmp');
    await must('ping', ['-c', '2', '-W', '60', address]);
    const { stdout } = await end(running);
    const lines = stdout.split('\n');
    const request = new RegExp(
      `^#1 {2}\\d\\d:\\d\\d:\\d\\d\\.\\d{6} {2}192\\.168\\.79\\.1 > ${address} {2}icmp echo request, seq 1 {2}way0 ${tap}$`,
    );
    expect(lines[0]).toMatch(request);
    expect(lines[1]).toMatch(new RegExp(`${address} > 192\\.168\\.79\\.1 {2}icmp echo reply, seq 1 {2}${tap} way0$`));
    expect(lines.at(-2)).toBe(`way0 and ${tap} saw them`);
    expect(await tcpdumps()).toBe('');
  });

  it('writes a file with an interface for each device, which only its owner can read', async () => {
    const file = `${folder}/way.pcapng`;
    const running = await capture('VM1', '203.0.113.1', '--write', file, '--json', '--', 'tcp port 80');
    // A connection from outside to the guest, which answers by the host.
    await must('ip', ['-n', 'outside', 'route', 'add', '192.168.79.0/24', 'via', '203.0.113.2']);
    await run('ip', ['netns', 'exec', 'outside', 'curl', '--silent', '--max-time', '5', `http://${address}/`]);
    const { stdout } = await end(running);
    const objects = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const summary = objects.at(-1);
    expect(summary).toMatchObject({
      object: 'summary',
      dropped: 0,
      hops: [{ device: tap }, { device: 'way0' }, { device: 'up0' }],
    });
    const { interfaces, packets } = readPcapng(await readFile(file));
    expect(interfaces).toEqual([tap, 'way0', 'up0']);
    const counted = (summary?.['hops'] as readonly { readonly packets: number }[]).map((hop) => hop.packets);
    expect(packets).toEqual(counted);
    expect(packets[2]).toBeGreaterThan(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['way.pcapng']);
    expect(await must('tcpdump', ['-n', '-r', file])).toContain(`> ${address}.80: Flags [S]`);
  });

  it('ends with --count, with --for, and leaves no process after kill -9', async () => {
    const counting = await capture('VM1', '--count', '1', '--', 'icmp');
    await must('ping', ['-c', '1', '-W', '60', address]);
    expect((await counting.outcome).stdout).toMatch(/^#1 [^\n]*\n[^\n]*saw it[^\n]*\n$/);
    const { stdout, status } = await kvmnet(['capture', 'VM1', '--for', '1', '--', 'udp port 9999']);
    expect({ stdout, status }).toEqual({
      stdout: expect.stringMatching(/^no packet: .* saw none\n$/) as unknown,
      status: 0,
    });
    const killed = await capture('VM1');
    expect(await tcpdumps()).not.toBe('');
    killed.process.kill('SIGKILL');
    await killed.outcome;
    await waitFor('no process', async () => (await tcpdumps()) === '');
  });

  it('continues where a device disappears', async () => {
    await must('ip', ['link', 'add', 'name', 'own0', 'type', 'bridge']);
    await must('ip', ['link', 'set', 'dev', 'own0', 'up']);
    await must('ip', ['address', 'add', '192.168.78.1/24', 'dev', 'own0']);
    const running = await capture('192.168.78.9', 'VM1', '--', 'icmp');
    await must('ip', ['link', 'delete', 'dev', 'own0']);
    await must('ping', ['-c', '1', '-W', '60', address]);
    await end(running);
  });

  it.each([
    [['VM1', '--', 'icmp', 'and'], 2, "tcpdump does not understand the filter 'icmp and'"],
    [['VM9'], 2, 'VM9'],
    [['VM1', '-o', 'csv'], 2, '-o csv is not for output that comes over time'],
    [['VM1', '--write', '/nosuch/a.pcapng'], 1, 'cannot write /nosuch/a.pcapng'],
    [['-c', 'test:///default', 'capture', 'test'], 2, 'not on this machine'],
  ])('refuses %j, and leaves nothing', async (words, status, reason) => {
    const line = words.includes('capture') ? words : ['capture', ...words];
    const { status: actual, stderr, stdout } = await kvmnet(line);
    expect({ status: actual, text: `${stderr}${stdout}` }).toEqual({
      status,
      text: expect.stringContaining(reason) as unknown,
    });
    expect(await tcpdumps()).toBe('');
  });

  it('needs root, and names sudo', async () => {
    const { status, stderr } = await kvmnetAs('alice', ['capture', 'VM1']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('repeat the command with sudo') as unknown,
    });
  });
});
