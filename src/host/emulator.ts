/** Lists the NIC models of an emulator: libvirt does not report them, and stores a model with which the guest then fails to start. */
import { realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { run, type RunOptions } from './run.ts';

/**
 * The models of NICs that QEMU has, in libvirt's words; undefined where it cannot be asked.
 * @param path of the emulator, as a domain's definition names it: only root's own file is run, for who may define domains may name any file
 */
export async function readNicModels(
  path: string,
  options: Pick<RunOptions, 'onRun'> = {},
): Promise<readonly string[] | undefined> {
  try {
    const file = realpathSync(path);
    const { uid, mode } = statSync(file);
    if (uid !== 0 || (mode & 0o022) !== 0 || !basename(file).startsWith('qemu-')) return undefined;
    const models = parseNicModels(await run(file, ['-device', 'help'], { timeout: 5_000, ...options }));
    return models.length === 0 ? undefined : models;
  } catch {
    return undefined; // libvirt will report the error
  }
}

/** Parses the "Network devices:" of "Network devices:", sorted; virtio models get libvirt's names. */
export function parseNicModels(help: string): readonly string[] {
  const [, section = ''] = /^Network devices:\n((?:.+\n)*)/m.exec(help) ?? [];
  const names = section.split('\n').flatMap((line) => {
    const [, name, bus] = /^name "([^"]+)", bus ([\w-]+)/.exec(line) ?? [];
    const alias = /, alias "([^"]+)"/.exec(line)?.[1];
    return name === undefined || bus === 'virtio-bus' ? [] : [name, ...(alias === undefined ? [] : [alias])];
  });
  return [...new Set(names.map((name) => name.replace(/^virtio-net(-pci|-ccw)?/, 'virtio')))].sort();
}
