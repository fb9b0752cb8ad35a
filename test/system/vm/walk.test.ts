import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { said, startWithFault, withReadOnly } from '../../helpers/fault/fault.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, root, virsh } from '../../helpers/host.ts';
import { kvmnetJson, nicsOf, type SeenNic } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';

/** The page of the guest, which no other start of a guest has. */
async function page(address: string): Promise<string> {
  return waitFor(`the page of ${address}`, async () => {
    const answer = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(2000) });
    return answer.ok && answer.text();
  });
}

const keennet = /^192\.168\.132\.\d+$/;
const defaultNetwork = /^192\.168\.122\.\d+$/;

onPrivateHost('a VM with a system that runs', () => {
  const name = 'VM1';
  let guest: Guest;
  let nic: SeenNic;
  let text: string;

  /** Its only NIC, in both scopes: one MAC, one slot. */
  async function onlyNic(network: string): Promise<SeenNic> {
    const [live, config] = [await nicsOf(name), await nicsOf(name, '--inactive')];
    expect(live).toHaveLength(1);
    expect(config).toHaveLength(1);
    expect(config[0]).toMatchObject({ mac: live[0]!.mac, slot: live[0]!.slot, source: `network='${network}'` });
    expect(live[0]!.source).toMatch(`network='${network}' portid=`);
    return live[0]!;
  }

  async function portsOf(network: string): Promise<number> {
    return (await virsh('net-port-list', network, '--uuid')).split('\n').filter((line) => line.trim() !== '').length;
  }

  /** Its IPv4 addresses, each once: the kernel may know what dnsmasq leased. */
  async function addresses(): Promise<string[]> {
    const { stdout } = await kvmnet(['vm', 'ip', name, '-o', 'csv', '--columns', 'Address']);
    return [...new Set(stdout.split('\n').filter((line) => /^\d/.test(line)))];
  }

  beforeAll(async () => {
    expect(
      await kvmnet(['net', 'create', 'keennet', '--nat', '192.168.132.0/24', '--bridge-name', 'keenbr0', '--no-stp']),
    ).toMatchObject({
      status: 0,
    });
    await virsh('net-define', `${root}templates/networks/default.xml`);
    await virsh('net-start', 'default');
    guest = await makeGuest(name);
  });

  afterAll(async () => {
    await guest.remove();
    expect(await kvmnet(['net', 'delete', 'keennet', 'default', '--yes'])).toMatchObject({ status: 0 });
  });

  it('is attached to a network with one MAC for both scopes, gets a lease, and answers HTTP', async () => {
    const outcome = await kvmnet(['vm', 'attach', name, 'keennet', '--wait-ip', '100s']);
    nic = await onlyNic('keennet');
    expect(nic).toMatchObject({ type: 'network', model: 'virtio' });
    const address = await guest.lease();
    expect(address).toMatch(keennet);
    expect(outcome).toEqual({
      stdout: `VM1: NIC ${nic.mac} attached to keennet: ${address}\n`,
      stderr: '',
      status: 0,
    });
    text = await page(address);
  });

  it('is found with its address by vm ip, vm nics and domiflist', async () => {
    const address = await guest.lease();
    expect(await addresses()).toEqual([address]);
    expect(await kvmnetJson(['vm', 'ip', name])).toContainEqual(
      expect.objectContaining({ domain: name, mac: nic.mac, network: 'keennet', address, source: 'lease' }),
    );
    const [seen, ...others] = await kvmnetJson(['vm', 'nics', name]);
    expect(others).toEqual([]);
    expect(seen).toMatchObject({
      index: 0,
      interface: nic.tap,
      mac: nic.mac,
      live: 'keennet',
      nextBoot: 'keennet',
      addresses: [address],
      problems: [],
    });
    expect((await kvmnet(['domiflist'])).stdout).toMatch(
      new RegExp(`^VM1 +${nic.tap} +network +keennet +${seen.bridge} +virtio +${nic.mac} +up +${address}$`, 'm'),
    );
  });

  it('moves to another network with its MAC and PCI slot, and takes a new lease there', async () => {
    const outcome = await kvmnet(['vm', 'move', name, '0', 'default']);
    expect(outcome).toEqual({ stdout: `VM1: NIC ${nic.mac} is attached to default\n`, stderr: '', status: 0 });
    const moved = await onlyNic('default');
    expect(moved).toMatchObject({ mac: nic.mac, slot: nic.slot, tap: nic.tap, link: 'up' });
    expect(await must('ip', ['-br', 'link', 'show', 'master', 'virbr0'])).toContain(nic.tap);
    expect([await portsOf('keennet'), await portsOf('default')]).toEqual([0, 1]);

    const address = await guest.newLease(defaultNetwork, 1);
    expect(address).toMatch(defaultNetwork);
    expect(await page(address)).toBe(text);
    // The lease in keennet is still in force, and no longer an address of this NIC.
    expect(await addresses()).toEqual([address]);
    expect(await kvmnetJson(['vm', 'nics', name])).toMatchObject([{ addresses: [address] }]);
  });

  it('is back where it was when a move is interrupted, and takes its lease there again', async () => {
    const before = await guest.leases();
    const line = `done: attach NIC ${nic.mac} of VM1 to keennet\n`;
    const outcome = await startWithFault({ line, signal: 'SIGINT' }, ['vm', 'move', name, '0', 'keennet']).outcome;
    expect(outcome.status).toBe(130);
    expect(said(outcome)).toMatch(/interrupted: move NIC .* to keennet; everything is as before/);
    expect(await onlyNic('default')).toMatchObject({ slot: nic.slot, tap: nic.tap, link: 'up' });
    expect([await portsOf('keennet'), await portsOf('default')]).toEqual([0, 1]);
    const address = await guest.newLease(defaultNetwork, before.length);
    expect(address).toBe(before.at(-1));
    await page(address);
  });

  it('keeps its NIC if that cannot be removed from its configuration', async () => {
    const before = await guest.leases();
    const outcome = await withReadOnly('/etc/libvirt/qemu', () => kvmnet(['vm', 'detach', name, '0']));
    expect(outcome).toMatchObject({ stdout: '', status: 1 });
    expect(outcome.stderr).toMatch(/read-only.*; everything is as before$/m);
    expect(await onlyNic('default')).toMatchObject({ slot: nic.slot });
    expect(await guest.newLease(defaultNetwork, before.length)).toBe(before.at(-1));
  });

  it('has no NIC any more, now and at its next boot, once it is detached', async () => {
    const outcome = await kvmnet(['vm', 'detach', name, nic.mac]);
    expect(outcome).toEqual({ stdout: `VM1: NIC ${nic.mac} detached\n`, stderr: '', status: 0 });
    expect([await nicsOf(name), await nicsOf(name, '--inactive')]).toEqual([[], []]);
    expect(await portsOf('default')).toBe(0);
    expect((await kvmnet(['vm', 'nics', name])).stdout).toMatch(/^no NICs; attach one: kvmnet vm attach VM1 /);
  });
});
