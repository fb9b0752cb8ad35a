import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import type { Names } from '../../../../src/cli/complete/candidate.ts';
import { complete } from '../../../../src/cli/complete/complete.ts';

const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
const list =
  (...words: string[]) =>
  () =>
    Promise.resolve(words.map((word) => ({ word })));

const names: Names = {
  networks: list('default', 'keennet'),
  domains: list('VM1', 'my vm'),
  nics: (domain) => Promise.resolve([{ word: '0', description: domain }]),
  bridges: list('br0', 'brvlan-10'),
  links: list('eth0', 'eth1'),
  ports: list('eth1'),
  namespaces: list('web'),
  trunks: list('eth0'),
  changes: list('1', '2'),
  forwards: list('8080/tcp', 'eth0:53/udp'),
  sources: list('192.168.10.0/24'),
  templates: list('keennet', 'isolated'),
  files: (prefix) => Promise.resolve([{ word: `${prefix}file` }]),
};

/** The candidates for the last word; the line ends where the cursor is. */
async function words(...line: string[]): Promise<string[]> {
  return (await complete(line, streams, () => names)).map(({ word }) => word);
}

describe('the candidates', () => {
  it('are the commands and groups, each with what it does', async () => {
    const found = await complete([''], streams, () => names);
    expect(found.map(({ word }) => word)).toEqual(expect.arrayContaining(['net', 'vm', 'domiflist', 'shell', 'help']));
    expect(found.find(({ word }) => word === 'net')?.description).toBe('Manage libvirt networks');
    expect(new Set(found.map(({ word }) => word)).size).toBe(found.length);
  });

  it('are the commands of a group', async () => {
    expect(await words('net', 'sh')).toEqual(['show']);
    expect(await words('vm', '')).toEqual(expect.arrayContaining(['attach', 'detach', 'nics']));
    expect(await words('help', 'vm', 'att')).toEqual(['attach']);
    expect(await words('bogus', '')).toEqual([]);
  });

  it('have virsh’s names only where one of them is begun', async () => {
    expect(await words('net')).toEqual(['net']);
    expect(await words('net-li')).toEqual(['net-list']);
    expect(await words('virsh', 'net-li')).toEqual(['net-list']);
  });

  it('are the names of what an argument is', async () => {
    expect(await words('net', 'show', '')).toEqual(['default', 'keennet']);
    expect(await words('net', 'show', 'k')).toEqual(['keennet']);
    expect(await words('vm', 'attach', '')).toEqual(['VM1', 'my vm']);
    expect(await words('vm', 'attach', 'VM1', '')).toEqual(['default', 'keennet', 'br0', 'brvlan-10']);
    expect(await words('vm', 'link', 'VM1', '0', '')).toEqual(['up', 'down']);
    expect(await words('completion', 'f')).toEqual(['fish']);
    expect(await words('net', 'define', 'a')).toEqual(['afile']);
  });

  it('are the ends of a path: guests, then their NICs, namespaces, the host and the outside', async () => {
    const ends = ['VM1', 'my vm', 'host', 'outside', 'web'];
    expect(await words('path', '')).toEqual(ends);
    expect(await words('path', 'VM1', 'o')).toEqual(['outside']);
    expect(await words('capture', 'VM1', 'VM1:')).toEqual(['VM1:0']);
    expect(await words('capture', 'web', '')).toEqual(ends);
    expect(await words('watch', 'default', '')).toEqual(['keennet', 'VM1', 'my vm', 'eth0', 'eth1']);
  });

  it('leave out the names that cannot be read', async () => {
    const broken = { ...names, domains: () => Promise.reject(new Error('no daemon')) };
    const found = await complete(['path', ''], streams, () => broken);
    expect(found.map(({ word }) => word)).toEqual(['host', 'outside', 'web']);
  });

  it('are a source of the kind that was asked for', async () => {
    expect(await words('vm', 'attach', 'VM1', '--bridge', '')).toEqual(['br0', 'brvlan-10']);
    expect(await words('vm', 'attach', '--macvtap', 'VM1', '')).toEqual(['eth0', 'eth1']);
    expect(await words('vm', 'attach', 'VM1', '--network', '')).toEqual(['default', 'keennet']);
  });

  it('are devices that can do what is asked of them, and the numbers of changes', async () => {
    expect(await words('bridge', 'create', 'br0', '--port', '')).toEqual(['eth1']);
    expect(await words('bridge', 'add-port', 'br0', '')).toEqual(['eth1']);
    expect(await words('vlan', 'create', '')).toEqual(['eth0']);
    expect(await words('undo', '')).toEqual(['1', '2']);
    expect(await words('forward', 'remove', '8080/tcp', '')).toEqual(['eth0:53/udp']);
    expect(await words('forward', 'check', '8')).toEqual(['8080/tcp']);
    expect(await words('snat', 'remove', '')).toEqual(['192.168.10.0/24']);
  });

  it('are the columns of a list, one after the other', async () => {
    expect(await words('net', 'list', '--columns', 'S')).toEqual(['State', 'Subnet']);
    expect(await words('vm', 'list', '--columns', 'Name,Sta')).toEqual(['Name,State']);
    expect(await words('vm', 'attach', '--columns', '')).toEqual([]);
  });

  it('are the NICs of the domain on the line', async () => {
    expect(await complete(['vm', 'detach', 'VM1', ''], streams, () => names)).toEqual([
      { word: '0', description: 'VM1' },
    ]);
  });

  it('follow a repeatable argument, without those already given', async () => {
    expect(await words('net', 'show', 'default', '')).toEqual(['keennet']);
    expect(await words('vm', 'nics', 'my vm', '')).toEqual(['VM1']);
  });

  it('end where a command takes no further argument: then come its own options', async () => {
    expect(await words('net', 'list', '')).toEqual(['--all', '--active', '--inactive']);
    expect(await words('net', 'list', 'x')).toEqual([]);
    expect(await words('net', 'create', 'new', '')).toEqual(expect.arrayContaining(['--nat', '--bridge']));
  });

  it('are the options of the command and of every command, where a dash is typed', async () => {
    const found = await words('net', 'list', '-');
    expect(found).toEqual(expect.arrayContaining(['--active', '--json', '--connect', '--help']));
    expect(await words('--dry')).toEqual(['--dry-run']);
  });

  it('omit an option that is already given, and its opposite, unless it is repeatable', async () => {
    const found = await words('net', 'create', '--stp', '--dns', 'a=10.0.0.2', '--nat', 'auto', '-');
    expect(found).toContain('--dns');
    expect(found).toContain('--no-dhcp');
    expect(found).not.toContain('--nat');
    expect(found).not.toContain('--stp');
    expect(found).not.toContain('--no-stp');
    expect(await words('net', 'create', '--no-dns', '--dn')).toEqual([]);
  });

  it('are the values of an option, in the next word or behind its =', async () => {
    expect(await words('vm', 'attach', 'VM1', '--link', '')).toEqual(['up', 'down']);
    expect(await words('vm', 'attach', 'VM1', '--link=d')).toEqual(['--link=down']);
    expect(await words('-o', 'j')).toEqual(['json']);
    expect(await words('net', 'list', '--output=ya')).toEqual(['--output=yaml']);
    expect(await words('-c', 'test')).toEqual(['test:///default']);
    expect(await words('net', 'create', '--bridge', '')).toEqual(['br0', 'brvlan-10']);
    expect(await words('net', 'create', '--template', 'k')).toEqual(['keennet']);
    expect(await words('net', 'create', '--template', './')).toEqual(['./file']);
    expect(await words('net', 'create', '--bogus=')).toEqual([]);
    expect(await words('net', 'list', '--json=')).toEqual([]);
  });

  it('are nothing for a value that only the user knows', async () => {
    expect(await words('net', 'create', '--nat', '')).toEqual([]);
    expect(await words('--timeout', '')).toEqual([]);
  });

  it('continue after the comma of a list', async () => {
    expect(await words('net', 'create', '--macvtap', 'eth0,')).toEqual(['eth0,eth1']);
  });

  it('have no options behind --', async () => {
    expect(await words('net', 'show', '--', '')).toEqual(['default', 'keennet']);
    expect(await words('net', 'show', '--', '-')).toEqual([]);
  });

  it('come from the URI on the line', async () => {
    const asked: (string | undefined)[] = [];
    const namesOf = (uri: string | undefined) => {
      asked.push(uri);
      return names;
    };
    await complete(['-c', 'lxc:///system', 'vm', 'nics', ''], streams, namesOf);
    await complete(['vm', 'nics', '--connect=test:///default', ''], streams, namesOf);
    await complete(['vm', 'nics', ''], streams, namesOf);
    expect(asked).toEqual(['lxc:///system', 'test:///default', undefined]);
  });

  it('are networks alone where the bridges of the host cannot be seen', async () => {
    const blind = { ...names, bridges: () => Promise.reject(new Error('no ip here')) };
    const found = await complete(['vm', 'attach', 'VM1', ''], streams, () => blind);
    expect(found.map(({ word }) => word)).toEqual(['default', 'keennet']);
  });
});
