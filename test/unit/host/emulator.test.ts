import { expect, it } from '@jest/globals';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parseNicModels, readNicModels } from '../../../src/host/emulator.ts';

const help = `Display devices:
name "VGA", bus PCI

Network devices:
name "e1000", bus PCI, alias "e1000-82540em", desc "Intel Gigabit Ethernet"
name "rtl8139", bus PCI
name "usb-net", bus usb-bus
name "virtio-net-device", bus virtio-bus
name "virtio-net-pci", bus PCI, alias "virtio-net"
name "virtio-net-pci-non-transitional", bus PCI
name "virtio-net-pci-transitional", bus PCI

Input devices:
name "usb-kbd", bus usb-bus
`;

it("the NIC models of an emulator are its network devices, with libvirt's names for virtio", () => {
  expect(parseNicModels(help)).toEqual([
    ...['e1000', 'e1000-82540em', 'rtl8139', 'usb-net', 'virtio', 'virtio-non-transitional', 'virtio-transitional'],
  ]);
  expect(parseNicModels('Usage: something else\n')).toEqual([]);
});

it('a file that others may have written is not run as an emulator, nor is one that does not exist', async () => {
  const folder = await mkdtemp(`${tmpdir()}/kvmnet-emulator-`);
  const path = `${folder}/qemu-system-x86_64`;
  await writeFile(path, `#!/bin/sh\ntouch ${folder}/ran\n`);
  await chmod(path, 0o777);
  expect(await readNicModels(path)).toBeUndefined();
  expect(await readNicModels(`${folder}/ran`)).toBeUndefined();
  expect(await readNicModels(`${folder}/qemu-none`)).toBeUndefined();
  await rm(folder, { recursive: true });
});
