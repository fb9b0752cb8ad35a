import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { kvmnet, type Outcome } from '../helpers/host.ts';

/** libvirt takes it, and keeps it; our reader does not take the odd quote. */
const odd = `<metadata><x:y xmlns:x='urn:x'><?note it's?></x:y></metadata>`;
/** Names of what every object of JavaScript has. */
const names = ['constructor', '__proto__', 'prototype', 'toString'];
const strange = (name: string): string =>
  `<metadata><${name} xmlns='urn:x' constructor='1'><${name}/></${name}></metadata>`;

const domain = (name: string, metadata = ''): string => `<domain type='test'>
  <name>${name}</name>${metadata}<memory>1024</memory><os><type>hvm</type></os>
  <devices><interface type='network'><source network='fine'/></interface></devices>
</domain>`;
const network = (name: string, index: number, metadata = ''): string => `<network>
  <name>${name}</name>${metadata}<bridge name='b${index}'/><ip address='192.168.${140 + index}.1' netmask='255.255.255.0'/>
</network>`;

let folder = '';
const onHost = (...args: readonly string[]): Promise<Outcome> => kvmnet(['-c', `test://${folder}/host.xml`, ...args]);

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
  const objects = [
    ...[domain('good'), domain('odd', odd), ...names.map((name) => domain(name, strange(name)))],
    ...[
      network('fine', 0),
      network('odd', 1, odd),
      ...names.map((name, index) => network(name, 2 + index, strange(name))),
    ],
  ];
  await writeFile(`${folder}/host.xml`, `<node>${objects.join('')}</node>`);
});

afterAll(() => rm(folder, { recursive: true }));

describe('an object whose definition cannot be read', () => {
  it.each([
    ['net list', ['odd'], ['fine', ...names]],
    ['vm list --columns Name,State,Problem', ['odd'], ['good', ...names]],
    ['domiflist', ['odd'], ['good', ...names]],
  ])('is a row with its problem in %s, and hides no other', async (line, bad, good) => {
    const { stdout, status } = await onHost(...line.split(' '));
    expect(status).toBe(0);
    const row = (name: string): string | undefined => stdout.split('\n').find((text) => text.startsWith(`${name} `));
    for (const name of bad) expect(row(name)).toMatch(/its definition cannot be read: .+$/);
    for (const name of good) expect(row(name)).toMatch(/fine|active|running/);
    const { stdout: json } = await onHost(...line.replace(/ --columns.*/, '').split(' '), '--json');
    expect(JSON.parse(json)).toHaveLength(bad.length + good.length);
  });

  it('is shown by vm show with its problem, among the others and alone, and its XML is printed', async () => {
    const { stdout, stderr, status } = await onHost('vm', 'show');
    expect(stderr).toMatch(/^warning: network odd cannot be read: .*\n$/);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nName +odd\nUUID .*\nId .*\nState .*\nProblem +its definition cannot be read: .+$/m);
    expect(stdout.match(/^Name /gm)).toHaveLength(2 + names.length);
    expect(JSON.parse((await onHost('vm', 'show', 'odd', '--json')).stdout)).toMatchObject([
      { name: 'odd', nics: [], problems: [expect.stringMatching('cannot be read')] },
    ]);
    expect((await onHost('vm', 'xml', 'odd')).stdout).toContain("<?note it's?>");
  });

  it('is still suspended, undefined and defined by virsh; a warning names what cannot be undone', async () => {
    await writeFile(`${folder}/odd.xml`, domain('odder', odd));
    const { stdout, stderr, status } = await onHost(
      'virsh',
      `define ${folder}/odd.xml; suspend odd; domstate odd; destroy odd; undefine odd; list --all --name`,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Domain 'odder' defined from .*\n\nDomain 'odd' suspended\n\npaused\n/);
    expect(stdout).not.toMatch(/^odd$/m);
    expect(stdout).toMatch(/^odder$/m);
    expect(stderr).toMatch(/^warning: kvmnet cannot read the definition of odder: it is not in kvmnet history, and/m);
  });

  it.each(['net show odd', 'net delete odd --yes', 'vm nics odd', 'vm detach odd 0 --config', 'domiflist odd'])(
    'is named, and refused to %s',
    async (line) => {
      const { stderr, status } = await onHost(...line.split(' '));
      expect(stderr).toMatch(/^error: (network|domain) odd cannot be read: .+\nhint: virsh (net-)?dumpxml odd/m);
      expect(stderr).not.toMatch(/^ +at /m);
      expect(status).toBe(line.startsWith('domiflist') ? 1 : 2);
    },
  );

  it('is warned of where it may use what is changed', async () => {
    const { stdout, stderr, status } = await onHost('net', 'create', 'more', '--isolated', '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^create network more/);
    expect(stderr).toMatch(/^warning: network odd cannot be read: .+\nwarning: domain odd cannot be read: /);
  });

  it.each(names)('is none that is named, or has elements named, %s', async (name) => {
    expect((await onHost('net', 'show', name)).stdout).toMatch(new RegExp(`^Name +${name}$`, 'm'));
    expect((await onHost('vm', 'nics', name)).stdout).toMatch(new RegExp(`^${name} `, 'm'));
    expect((await onHost('net', 'xml', name)).stdout).toContain(`<${name}/>`);
    const { stdout, stderr, status } = await onHost('net', 'clone', name, 'copy', '--dry-run');
    expect({ stderr: stderr.replaceAll(/^warning: .*\n/gm, ''), status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toContain(`<${name}/>`);
  });
});
