import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { makeGuestWithoutSystem } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith, type Outcome } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

/** A PC with conventional PCI, whose slots other devices have taken but for `free`. */
function pc(name: string, features: string, free: number): string {
  const devices = Array.from(
    { length: 30 - free },
    (_, index) => `<controller type='virtio-serial' index='${index}'/>`,
  );
  return `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory>
    <os><type arch='x86_64' machine='pc'>hvm</type></os><features>${features}</features>
    <devices>${devices.join('')}<controller type='usb' model='none'/><memballoon model='none'/></devices></domain>`;
}

onPrivateHost('a VM whose PCI slots run out', () => {
  const name = 'full';
  const attach = (...options: readonly string[]): Promise<Outcome> =>
    kvmnet(['-q', 'vm', 'attach', name, 'br0', ...options]);

  beforeAll(async () => {
    for (const bridge of ['br0', 'br1']) await must('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']);
  });

  afterAll(async () => {
    for (const bridge of ['br0', 'br1']) await must('ip', ['link', 'delete', 'dev', bridge]);
  });

  afterEach(async () => {
    await virsh(`destroy ${name}; undefine ${name}`);
  });

  function expectRefused(outcome: Outcome, message: string): void {
    expect(outcome).toEqual({
      stdout: '',
      stderr: `error: ${message}\nhint: --config attaches it at the next boot\n`,
      status: 2,
    });
  }

  it('of type q35 accepts a NIC for each free root port, and the error has their number', async () => {
    await makeGuestWithoutSystem(name, { spareRootPorts: 2 });
    expect(await attach()).toMatchObject({ stderr: '', status: 0 });
    expect(await attach('--model', 'e1000e')).toMatchObject({ stderr: '', status: 0 });
    const message = 'full has no free pcie-root-port for a NIC of model virtio: all 2 of them are taken';
    expectRefused(await attach(), message);
    expectRefused(
      await attach('--model', 'rtl8139'),
      'full has no free conventional PCI slot for a NIC of model rtl8139: it has none',
    );
    expect([(await nicsOf(name)).length, (await nicsOf(name, '--inactive')).length]).toEqual([2, 2]);
    expect(await attach('--config')).toMatchObject({ stderr: '', status: 0 });
    expect([(await nicsOf(name)).length, (await nicsOf(name, '--inactive')).length]).toEqual([2, 3]);
  });

  it('of type q35 takes older models behind a PCI bridge', async () => {
    const ports = [1, 2].map((index) => `<controller type='pci' index='${index}' model='pcie-root-port'/>`).join('');
    const bridge = `<controller type='pci' index='3' model='pcie-to-pci-bridge'/>`;
    await virshWith(
      pc(name, '<acpi/>', 30)
        .replace("machine='pc'", "machine='q35'")
        .replace('<devices>', `<devices>${ports}${bridge}`),
      'define',
      'FILE',
    );
    await virsh('start', name);
    expect(await attach('--model', 'rtl8139')).toMatchObject({ stderr: '', status: 0 });
    expect(await attach()).toMatchObject({ stderr: '', status: 0 });
    expectRefused(await attach(), 'full has no free pcie-root-port for a NIC of model virtio: all 2 of them are taken');
    expect(await attach('--model', 'e1000')).toMatchObject({ stderr: '', status: 0 });
  });

  it('of type pc takes NICs in the slots that the chipset and others leave', async () => {
    await virshWith(pc(name, '<acpi/>', 1), 'define', 'FILE');
    await virsh('start', name);
    expect(await attach()).toMatchObject({ stderr: '', status: 0 });
    expectRefused(
      await attach(),
      'full has no free conventional PCI slot for a NIC of model virtio: all 30 of them are taken',
    );
  });

  it('of type pc needs ACPI to take one while it runs', async () => {
    await virshWith(pc(name, '', 30), 'define', 'FILE');
    await virsh('start', name);
    expectRefused(await attach(), 'full cannot take a NIC while it runs: its definition has no <acpi/>');
    expect(await attach('--config')).toMatchObject({ stderr: '', status: 0 });
  });

  it('of type pc needs ACPI to release one while it runs, and not to be moved, or changed at its next boot', async () => {
    const mac = '52:54:00:00:0f:01';
    const nic = `<interface type='bridge'><mac address='${mac}'/><source bridge='br0'/><model type='virtio'/></interface>`;
    await virshWith(pc(name, '', 29).replace('<devices>', `<devices>${nic}`), 'define', 'FILE');
    await virsh('start', name);
    const before = [await virsh('dumpxml', name), await virsh('dumpxml', name, '--inactive')];
    const why = `full cannot release NIC ${mac} while it runs: its definition has no <acpi/>`;
    const refused = `error: ${why}\nhint: --config removes it at the next boot; kvmnet vm link cuts it off now\n`;
    expect(await kvmnet(['vm', 'detach', name, '0'])).toEqual({ stdout: '', stderr: refused, status: 2 });
    const byVirshName = await kvmnet(['detach-interface', name, 'bridge', '--live']);
    expect(byVirshName).toMatchObject({ stderr: expect.stringContaining(why), status: 1 });
    expect(await kvmnet(['vm', 'slots', name, '-o', 'csv', '--columns', 'Definition,Free'])).toMatchObject({
      stdout: expect.stringMatching(/^live,0$/m),
    });
    expect([await virsh('dumpxml', name), await virsh('dumpxml', name, '--inactive')]).toEqual(before);

    expect(await kvmnet(['vm', 'move', name, '0', 'br1'])).toMatchObject({ stderr: '', status: 0 });
    expect((await nicsOf(name))[0]!.source).toMatch("bridge='br1'");
    expect(await kvmnet(['vm', 'detach', name, '0', '--config'])).toMatchObject({ stderr: '', status: 0 });
    expect([(await nicsOf(name)).length, (await nicsOf(name, '--inactive')).length]).toEqual([1, 0]);
    expect(await kvmnet(['vm', 'nics', name, '--sync', 'live', '--yes'])).toMatchObject({
      stderr: expect.stringContaining(why),
      status: 2,
    });
  });
});
