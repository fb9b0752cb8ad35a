import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { documents, lines, names, network, options, subnet, subnets, uuid } from '../../helpers/fault/input.ts';
import { kvmnetMany, said, type CommandLine } from '../../helpers/fault/fault.ts';
import { kvmnet, must, virsh, virshWith, type Outcome } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, snapshot, type Snapshot } from '../../helpers/snapshot.ts';

/** Short enough for the name of a test, and different for each. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 90)}… (${text.length})` : text;
}

const changes =
  /^vir(Network(Define|Create|Destroy|Undefine|SetAutostart|Update)|Domain(Attach|Detach|Update|Define|Create|Destroy|Undefine|Shutdown))/m;

onPrivateHost('bad input', () => {
  let folder = '';
  let before: Snapshot;

  beforeAll(async () => {
    folder = await mkdtemp('/run/kvmnet-bad-');
    await writeFile(`${folder}/latin1.xml`, Buffer.from('<network><name>\xe9</name></network>', 'latin1'));
    await writeFile(`${folder}/utf16.xml`, Buffer.from('\ufeff<network/>', 'utf16le'));
    const links = [
      'link add name br0 type bridge',
      'link set dev br0 addrgenmode none',
      'link set dev br0 up',
      'link add name dn0 type bridge',
      'link add name eno1 type veth peer name eno2',
      'address add fd77::1/64 dev br0 nodad',
      'address add 10.77.0.1/24 dev dn0',
      'route add 10.76.0.0/16 dev br0',
      'route add 10.78.0.0/16 dev br0 table 100',
    ];
    for (const line of links) await must('ip', line.split(' '));
    const definition = `<uuid>${uuid}</uuid><bridge name='taken0'/><mac address='52:54:00:00:00:bb'/><ip address='192.168.50.1' prefix='24'/>`;
    await virshWith(network(definition, 'taken'), 'net-define', 'FILE');
    await virsh('net-start', 'taken');
    const nic = `<interface type='network'><mac address='52:54:00:00:00:aa'/><source network='taken'/></interface>`;
    const machine = `<memory unit='MiB'>64</memory><os><type arch='x86_64'>hvm</type></os><devices>${nic}</devices>`;
    await virshWith(`<domain type='qemu'><name>VM1</name>${machine}</domain>`, 'define', 'FILE');
    before = await snapshot();
  });

  afterAll(async () => {
    await expectUnchanged(before);
    await virsh('undefine VM1; net-destroy taken; net-undefine taken');
    for (const link of ['br0', 'dn0', 'eno1']) await must('ip', ['link', 'delete', 'dev', link]);
    await rm(folder, { recursive: true });
  });

  const good = ['net', 'create', 'bad', '--nat', subnet];
  const cases: readonly (readonly [what: string, command: CommandLine, message: string])[] = [
    ...names.map(
      ([name, message]) =>
        [`NAME ${shown(name)}`, { args: ['net', 'create', '--isolated', '--', String(name)] }, message] as const,
    ),
    ...subnets.map(
      ([cidr, message]) =>
        [`--nat ${String(cidr)}`, { args: ['net', 'create', 'bad', '--nat', String(cidr)] }, message] as const,
    ),
    ...Object.entries(options).flatMap(([flag, rows]) =>
      rows.map(([values, message]) => {
        const typed = [values].flat().map((value) => `${flag}=${value}`);
        return [shown(typed), { args: [...good, ...typed] }, message] as const;
      }),
    ),
    ...lines.map(([line, message]) => [line, { args: line.split(' ') }, message] as const),
    ...documents.map(
      ([what, stdin, message]) =>
        [`net define with ${what}`, { args: ['net', 'define', '-'], stdin }, message] as const,
    ),
  ];

  describe('to the command line', () => {
    let outcomes: ReadonlyMap<string, Outcome>;

    beforeAll(async () => {
      const commands = cases.map(([, { args, ...rest }]) => ({
        args: ['--verbose', ...args.map((word) => word.replace('FOLDER', folder))],
        ...rest,
      }));
      const all = await kvmnetMany(commands);
      outcomes = new Map(all.map((outcome, index) => [cases[index]![0], outcome]));
    });

    it('comes in more than 200 forms, each once', () => {
      expect(cases.length).toBeGreaterThan(200);
      expect(outcomes.size).toBe(cases.length);
    });

    it.each(cases)('is refused in words, and no call changes anything: %s', (what, _, message) => {
      const outcome = outcomes.get(what)!;
      const text = said(outcome);
      expect({ what, stdout: outcome.stdout, status: outcome.status, text }).toMatchObject({ stdout: '', status: 2 });
      expect(text).toMatch(/^error: /);
      expect(text).toContain(message);
      // A bug, or a message of libvirt: users should see neither.
      expect(text).not.toMatch(/internal error|bug in kvmnet|^ {4}at /m);
      expect(outcome.stderr).not.toMatch(changes);
    });

    it('is not confused with good input, which does reach libvirt', async () => {
      const { stderr, status } = await kvmnet(['net', 'create', 'good', '--isolated', '--no-start', '--verbose']);
      expect(status).toBe(0);
      expect(stderr).toMatch(changes);
      expect(await kvmnet(['net', 'delete', 'good'])).toMatchObject({ status: 0 });
    });
  });
});
