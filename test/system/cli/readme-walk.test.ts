/** Types the commands of README.md's first five minutes, and compares what they print with what README.md shows. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, root, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const readme = readFileSync(`${root}README.md`, 'utf8');
const [, walk = ''] = /^## The first network in five minutes\n([^]*?)^## /m.exec(readme) ?? [];
const steps = [...walk.matchAll(/^```\n([^]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split(/^(?=\$ )/m))
  .map((text) => {
    const [command = '', ...output] = text.trimEnd().split('\n');
    return { line: command.replace(/^\$ kvmnet /, ''), output: output.join('\n') };
  });

/** Without what is another each time: MAC addresses, UUIDs, leased addresses, the numbers of taps, and the width of columns. */
function likeness(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/52:54:00(:[0-9a-f]{2}){3}/g, 'MAC')
    .replaceAll(/\b(192\.168\.1[23]2)\.(?!(?:0|1|2|254)\b)\d+/g, '$1.LEASE')
    .replaceAll(/vnet\d+/g, 'vnetN')
    .replaceAll(/(?<=\S) {2,}/g, '  ')
    .trim();
}

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
    expect(steps.map(({ line }) => line.split(' ').slice(0, 2).join(' '))).toEqual([
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

  it.each(steps)('shows what this prints: $line', async ({ line, output }) => {
    const { stdout, stderr } = await kvmnet(line.split(' '));
    expect(likeness(stdout + stderr)).toBe(likeness(output));
  });
});
