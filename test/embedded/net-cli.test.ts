import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parse } from 'yaml';
import { registry } from '../../src/cli/registry.ts';
import { differences } from '../../src/xml/meaning.ts';
import { parseNetwork } from '../../src/xml/network.ts';
import { kvmnetMany } from '../helpers/fault/fault.ts';
import { kvmnet, type Outcome, type RunOptions } from '../helpers/host.ts';

const uri = ['-c', 'test:///default'];
const nat = ['--nat', '192.168.132.0/24', '--bridge-name', 'keenbr0'];

function net(...args: readonly string[]): Promise<Outcome> {
  return kvmnet([...uri, 'net', ...args]);
}

/** Several commands on one host: the test driver's is gone with the process. */
function script(lines: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return kvmnet([...uri, 'shell', '-e'], { ...options, stdin: `${lines.join('\n')}\n` });
}

describe('the net commands on the test driver', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-embedded-`);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  describe('net list', () => {
    const headings = ['Name', 'State', 'Autostart', 'Persistent', 'Kind', 'Bridge', 'Subnet', 'DHCP'];
    const cells = [
      'default',
      'active',
      'no',
      'yes',
      'nat',
      'virbr0',
      '192.168.122.0/24',
      '192.168.122.2 - 192.168.122.254',
    ];

    it('is a table for people', async () => {
      const { stdout, stderr, status } = await net('list');
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([headings, cells, ['']]);
    });

    it('is JSON and YAML of the same content, in the words of libvirt', async () => {
      const { stdout: json } = await net('list', '--json');
      const { stdout: yaml } = await net('list', '-o', 'yaml');
      expect(JSON.parse(json)).toEqual([
        {
          name: 'default',
          uuid: 'dd8fe884-6c02-601e-7551-cca97df1c5df',
          active: true,
          persistent: true,
          autostart: false,
          kind: 'nat',
          bridge: 'virbr0',
          devices: [],
          subnets: ['192.168.122.0/24'],
          gateways: ['192.168.122.1'],
          dhcp: ['192.168.122.2 - 192.168.122.254'],
          problems: [],
        },
      ]);
      expect(parse(yaml)).toEqual(JSON.parse(json));
    });

    it.each([
      ['csv', `${headings.join(',')}\n${cells.join(',')}\n`],
      ['markdown', `| ${headings.join(' | ')} |\n|${' --- |'.repeat(8)}\n| ${cells.join(' | ')} |\n`],
      ['name', 'default\n'],
    ])('is %s for programs', async (format, text) => {
      expect(await net('list', '-o', format)).toEqual({ stdout: text, stderr: '', status: 0 });
    });

    it('has the columns that are asked for, in that order', async () => {
      const { stdout } = await net('list', '--columns', 'bridge,Name', '-o', 'csv');
      expect(stdout).toBe('Bridge,Name\nvirbr0,default\n');
      const wrong = await net('list', '--columns', 'Nmae');
      expect(wrong).toMatchObject({ stdout: '', status: 2 });
      expect(wrong.stderr).toContain('hint: did you mean Name? columns: Name, State,');
    });

    it('can omit the active or the inactive ones, and explains an empty list', async () => {
      const lines = [
        'net stop default --yes',
        'net list --active -o name',
        'net list --inactive -o name',
        'net delete default --yes',
        'net list',
      ];
      const { stdout, status } = await script(lines);
      expect(status).toBe(0);
      expect(stdout).toBe(
        'stopped default\ndefault\ndeleted default\nno networks; create one: kvmnet net create --nat auto\n',
      );
    });
  });

  describe('net create', () => {
    it('creates a network that then exists, and hints at the next command', async () => {
      const lines = [`net create keennet ${nat.join(' ')}`, 'net list -o name', 'net show keennet --json'];
      const { stdout, stderr, status } = await script(lines);
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(stdout).toMatch(/^network keennet created and started\n/);
      expect(stdout).toMatch(/^ {2}gateway {2}192\.168\.132\.1$/m);
      expect(stdout).toMatch(/^next: kvmnet vm attach VM keennet\ndefault\nkeennet\n/m);
      const [shown] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
      expect(shown).toMatchObject({ name: 'keennet', active: true, autostart: true, guests: [] });
      expect(shown.mac).toMatch(/^52:54:00:/);
    });

    it('reports in JSON what it did', async () => {
      const { stdout } = await net('create', 'keennet', ...nat, '--json');
      expect(JSON.parse(stdout)).toEqual({
        changed: true,
        resumed: false,
        title: 'create network keennet',
        steps: ['define network keennet', 'enable autostart of network keennet', 'start network keennet'],
        network: 'keennet',
        uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        kind: 'nat',
        bridge: 'keenbr0',
        mac: expect.stringMatching(/^52:54:00:/),
        devices: [],
        subnets: ['192.168.132.0/24'],
        gateways: ['192.168.132.1'],
        dhcp: ['192.168.132.2 - 192.168.132.254'],
      });
    });

    it('shows with --dry-run the steps with their exact XML, and does nothing', async () => {
      const { stdout } = await script([`--dry-run net create keennet ${nat.join(' ')}`, 'net list -o name']);
      expect(stdout).toMatch(
        /^create network keennet, in 3 steps; nothing is done with --dry-run\n1\. define network keennet\n {3}<network>/,
      );
      expect(stdout).toMatch(/^2\. enable autostart of network keennet\n3\. start network keennet\ndefault\n$/m);
      const xml = /<network>.*<\/network>/s.exec(stdout)![0];
      expect(parseNetwork(xml)).toMatchObject({ name: 'keennet', bridge: { name: 'keenbr0' } });
    });

    it('gives the same XML as the template of that name', async () => {
      const [typed, template] = await Promise.all(
        [nat, ['--template', 'keennet']].map(async (how) => {
          const { stdout } = await net('create', 'keennet', ...how, '--dry-run', '--json');
          const network = parseNetwork(JSON.parse(stdout).steps[0].do.xml);
          return { ...network, uuid: undefined, mac: undefined };
        }),
      );
      expect(differences(typed!, template!)).toEqual([]);
    });

    // The host is out of sight there: what depends on it is system's.
    it.each([
      ['a host bridge', ['--bridge', 'br0'], 'bridge-br0', 'bridge'],
      ['macvtap', ['--macvtap', 'eno1,eno2', '--mode', 'private'], 'macvtap-eno1-eno2', 'macvtap'],
      ['SR-IOV', ['--hostdev', 'eno1'], 'hostdev-eno1', 'hostdev'],
      ['a prefix that ends at no dot', ['--route', '10.1.2.64/26'], 'route-10-1-2-64-26', 'route'],
      ['IPv6', ['--open', 'fd00:1:2:3::/64', '--no-dhcp'], 'open-fd00-1-2-3', 'open'],
      ['nobody but guests', ['--isolated', '10.9.0.0/16'], 'isolated-10-9', 'isolated'],
    ])('names a network without a name after %s', async (_, options, name, kind) => {
      const { stdout } = await script([`net create ${options.join(' ')}`, 'net list --json']);
      const networks = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { name: string; kind: string }[];
      expect(networks.find((network) => network.name === name)).toMatchObject({ kind, active: true });
    });

    it('is refused with status 2, and with --json the error is JSON on stderr', async () => {
      const { stdout, stderr, status } = await net('create', 'default', '--isolated', '--json');
      expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
      const { error } = JSON.parse(stderr);
      expect(error).toMatchObject({ code: 'CONFLICT', message: 'network default already exists' });
      expect(error.hint).toContain('kvmnet net show default');
    });

    it('warns on stderr, and not with --quiet', async () => {
      const loud = await net('create', 'DEFAULT', '--isolated');
      expect(loud).toMatchObject({ status: 0 });
      expect(loud.stderr).toMatch(
        /^warning: network DEFAULT differs from network default in upper and lower case only$/m,
      );
      expect(await kvmnet([...uri, '-q', 'net', 'create', 'DEFAULT', '--isolated'])).toMatchObject({
        stderr: '',
        status: 0,
      });
    });

    it('leaves no journal and takes no lock: the driver forgets with the process', async () => {
      const env = { KVMNET_STATE_DIR: `${folder}/state` };
      expect(await kvmnet([...uri, 'net', 'create', ...nat], { env })).toMatchObject({ status: 0 });
      expect(await readdir(folder)).toEqual([]);
    });
  });

  describe('the other net commands', () => {
    it('make the change that they report, and succeed if nothing is to be done', async () => {
      const refused = await net('stop', 'default');
      expect(refused).toMatchObject({ stdout: '', status: 2 });
      expect(refused.stderr).toContain('stopping network default cuts off test: NIC aa:bb:cc:dd:ee:ff (testnet0)\n');
      const lines = [
        '--quiet net stop default --yes',
        'net stop default',
        'net start default',
        'net autostart default',
        'net autostart default --disable',
        '--quiet net delete default --yes',
      ];
      expect(await script(lines)).toEqual({
        stdout: [
          'stopped default',
          'stop network default: nothing to do',
          'started default',
          'default: started at boot',
          'default: not started at boot any more',
          'deleted default\n',
        ].join('\n'),
        stderr: '',
        status: 0,
      });
    });

    it('print the XML of libvirt, which net define takes again', async () => {
      const { stdout: xml } = await net('xml', 'default');
      expect(parseNetwork(xml)).toMatchObject({ name: 'default', bridge: { name: 'virbr0' } });
      const same = await kvmnet([...uri, 'net', 'define', '-'], { stdin: xml });
      expect(same).toEqual({ stdout: 'redefine network default: nothing to do\n', stderr: '', status: 0 });
      const renamed = xml
        .replace('default', 'other')
        .replace(/<uuid>.*<\/uuid>/, '')
        .replaceAll('122', '123')
        .replace('virbr0', 'virbr9');
      const other = await kvmnet([...uri, 'net', 'define', '-'], { stdin: renamed });
      expect(other).toMatchObject({ stdout: 'defined other; start it with: kvmnet net start other\n', status: 0 });
    });

    it('validate with status 3 when something is found', async () => {
      const { stdout, status } = await kvmnet([...uri, 'net', 'validate', '-'], {
        stdin: `<network><name>bad</name><bridge name='virbr0'/><domain name='a b'/></network>`,
      });
      expect(status).toBe(3);
      expect(stdout).toMatch(/^error: domain\.name: domain\.name "a b": /m);
      expect(stdout).toMatch(/^error: bridge\.name: bridge name virbr0 is taken by network default\n {2}hint: /m);
    });

    it.each(['show', 'xml', 'start', 'stop', 'delete', 'autostart'])('name the nearest: net %s', async (verb) => {
      expect(await net(verb, 'defualt')).toEqual({
        stdout: '',
        stderr: 'error: no network defualt\nhint: did you mean default?\n',
        status: 2,
      });
    });

    it('print no empty table, but a sentence', async () => {
      expect(await net('show', 'default', '-o', 'csv')).toEqual({
        stdout: '',
        stderr: 'error: this command has no table to print as csv\nhint: use -o json or -o yaml\n',
        status: 2,
      });
    });
  });

  describe('--help', () => {
    const paths = registry.filter(({ isVirsh }) => !isVirsh).map(({ path }) => path.join(' '));
    let pages: ReadonlyMap<string, Outcome>;

    beforeAll(async () => {
      const outcomes = await kvmnetMany(paths.map((path) => ({ args: ['help', ...path.split(' ')] })));
      pages = new Map(outcomes.map((outcome, index) => [paths[index]!, outcome]));
    });

    it.each(paths)('of %s prints usage and examples', (path) => {
      const { stdout, stderr, status } = pages.get(path)!;
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(stdout).toMatch(new RegExp(`^Usage: kvmnet ${path}\\b`));
      const examples = stdout.slice(stdout.indexOf('\nExamples:\n'));
      expect(examples).toMatch(new RegExp(`^ {2}kvmnet .*\\b${path}\\b`, 'm'));
    });
  });
});
