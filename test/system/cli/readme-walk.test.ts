/** Types the commands of README.md's first five minutes, and compares what they print with what README.md shows. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, root, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { likeness, walkSteps } from '../../helpers/walk.ts';

onPrivateHost('README.md', () => {
  let guest: Guest;

  beforeAll(async () => {
    await virsh('net-define', `${root}templates/networks/default.xml`);
    await virsh('net-start', 'default');
    guest = await makeGuest('VM1');
  });

  afterAll(async () => {
    await guest.remove();
    expect(await kvmnet(['net', 'delete', 'default', '--yes'])).toMatchObject({ status: 0 });
  });

  it('has a walk from the first look to the end', () => {
    expect(walkSteps.map(({ line }) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'net create',
      'net create',
      'vm attach',
      'domiflist',
      'vm attach',
      'vm move',
      'vm ip',
      'net delete',
      'forward add',
      'forward remove',
    ]);
  });

  it.each(walkSteps)('shows what this prints: $line', async ({ line, output }) => {
    const { stdout, stderr } = await kvmnet(line.split(' '));
    expect(likeness(stdout + stderr)).toBe(likeness(output));
  });
});
