/** The domains of the tests of their life, and all that an undo restores of them. */
import { expect } from '@jest/globals';
import { kvmnet, run } from '../../helpers/host.ts';
import { kvmnetJson } from '../../helpers/nics.ts';

export const name = 'LVM1';
export const mac = '52:54:00:00:1f:01';

/** A domain that is never started, with a password that only users with write access see. */
export const keeper = `<domain type='qemu'><name>keeper</name><uuid>00000000-0000-4000-8000-00000000001f</uuid><title>A keeper</title>
<memory unit='MiB'>64</memory><os><type arch='x86_64' machine='q35'>hvm</type></os>
<devices><disk type='file'><source file='/images/keeper.img'/><target dev='vda' bus='virtio'/></disk>
<graphics type='vnc' port='-1' passwd='hush'/></devices></domain>`;

interface Change {
  readonly title: string;
  readonly command: string;
  readonly undoable: boolean;
}

export async function done(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await kvmnet(args);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

/** All that an undo has to bring back. */
export const everything = (): Promise<readonly string[]> =>
  Promise.all(
    [
      ['list', '--all'],
      ['list', '--all', '--autostart'],
      ['dumpxml', 'keeper', '--inactive', '--security-info'],
      ['dumpxml', name, '--inactive', '--security-info'],
      ['domstate', name, '--reason'],
    ].map(async (line) => (await run('virsh', ['-c', 'qemu:///system', ...line])).stdout),
  );

export const newest = async (): Promise<Change> =>
  ((await kvmnetJson(['history', '--last', '1'])) as readonly [Change])[0];
