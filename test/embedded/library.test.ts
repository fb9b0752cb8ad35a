import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { kvmnet } from '../helpers/host.ts';

/** Another library under libvirt's name: it has none of its functions. */
async function someLibrary(): Promise<string> {
  const maps = await readFile('/proc/self/maps', 'utf8');
  const found = /\/\S+\/libm[.-]\S*so\S*/.exec(maps)?.[0];
  if (found === undefined) throw new Error('this process has no libm to borrow');
  return found;
}

describe("a libvirt.so.0 that is not libvirt's", () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
    await symlink(await someLibrary(), `${folder}/libvirt.so.0`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(['net list', 'net create x --isolated', 'net-list'])('is refused in one sentence: %s', async (line) => {
    const { stdout, stderr, status } = await kvmnet(['-c', 'test:///default', ...line.split(' ')], {
      env: { LD_LIBRARY_PATH: folder },
    });
    expect(stderr).toMatch(
      /^error: the installed libvirt\.so\.0 is not libvirt's library[^\n]*\nhint: kvmnet needs libvirt 6\.0 [^\n]+\n$/,
    );
    expect(stdout.trim()).toBe('');
    expect(status).toBe(line.startsWith('net-') ? 1 : 2);
  });
});
