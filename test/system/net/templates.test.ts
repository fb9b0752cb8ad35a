import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, readdir } from 'node:fs/promises';
import { must, root, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const directory = `${root}templates/networks`;
const files = (await readdir(directory)).sort();

onPrivateHost('the network templates', () => {
  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    await must('ip', ['link', 'add', 'name', 'eno1', 'type', 'veth', 'peer', 'name', 'cable1']);
  });

  afterAll(async () => {
    await must('ip', ['link', 'delete', 'dev', 'br0']);
    await must('ip', ['link', 'delete', 'dev', 'eno1']);
  });

  it('are the ones that the documentation names', () => {
    const names = ['bridged', 'default', 'internal', 'isolated', 'keennet', 'macvtap', 'open', 'routed'];
    expect(files).toEqual(names.map((name) => `${name}.xml`));
  });

  describe.each(files.map((file) => file.replace('.xml', '')))('%s', (name) => {
    const file = `${directory}/${name}.xml`;

    it('is valid by the schema of libvirt, is named like its file, and starts', async () => {
      await virsh('net-define', '--validate', file);
      await virsh('net-start', name);
      expect((await virsh('net-list', '--name')).trim()).toBe(name);
      await virsh(`net-destroy ${name}; net-undefine ${name}`);
    });

    it('states its purpose, and leaves UUID and MAC address to each host', async () => {
      const text = await readFile(file, 'utf8');
      expect(text).toMatch(new RegExp(`^<!--\\n  ${name}: .+\\.\\n-->\\n<network>`, 's'));
      expect(text).not.toMatch(/<uuid|<mac/);
    });
  });
});
