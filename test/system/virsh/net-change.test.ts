import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { must, run, virsh, virshEach } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { arrangement, more, names, networks } from '../../helpers/virsh/networks.ts';
import { byKvmnet, byVirsh, documents, type Line } from '../../helpers/virsh/parity.ts';

type File = keyof typeof networks | keyof typeof more;

/** A line, with @name for a document; and virsh's commands that prepare it. */
type Case = readonly [line: Line, before?: string];

const uuid = '00000000-0000-4000-8000-000000000012';

const defining: readonly Case[] = (
  ['fresh', 'overlap', 'twin', 'unknown', 'renamed', 'changed', 'broken', 'nothing', 'nat1', 'Iso1', 'passing'] as const
).flatMap((file): Case[] => [
  [`net-define @${file}`],
  [`net-create @${file}`],
  // Without a UUID libvirt makes one up, and nothing can be compared.
  ...(file === 'twin' ? [] : ([[`net-define --validate --file @${file}`]] as const)),
]);

const life: readonly Case[] = ['nat1', 'Iso1', 'bridged', 'macvtap', 'passing', 'nosuch', uuid].flatMap(
  (name): Case[] => [
    [`net-start ${name}`],
    [`net-destroy ${name}`],
    [`net-undefine ${name}`],
    [`net-autostart ${name}`],
    [`net-autostart --disable --network ${name}`],
  ],
);

const cases: readonly Case[] = [
  ...defining,
  ...life,
  ['-q net-define @fresh'],
  ['-q net-create @fresh --validate'],
  ['net-create @unknown --validate'],
  ['net-define /nosuch.xml'],
  ['net-define'],
  ['net-define @fresh @fresh'],
  ['-q net-start Iso1'],
  ['-q net-destroy nat1'],
  ['-q net-undefine Iso1'],
  ['-q net-autostart routed'],
  ['net-undefine nat1', 'net-destroy nat1'],
  ['net-destroy nat1', 'net-undefine nat1'],
  ['net-define @nat1', 'net-undefine nat1'],
  ['net-start open', 'net-start Iso1'],
  [['net-destroy nat1; net-start nat1']],
  [['net-define @fresh; net-start fresh; net-autostart fresh']],
  [['net-start nosuch; net-start Iso1']],
  ['-c qemu+unix:///system?socket=/run/libvirt/libvirt-sock net-start Iso1'],
];

onPrivateHost("virsh's names that change networks", () => {
  let files: Awaited<ReturnType<typeof documents<File>>>;

  /** All output of virsh on each network, live and at the next start. */
  async function state(): Promise<Readonly<Record<string, string>>> {
    // Without a heading: virsh runs with --quiet.
    const rows = (await virsh('net-list', '--all')).split('\n').filter((row) => row !== '');
    const names = rows.map((row) => row.trim().split(' ')[0] ?? '');
    const texts = await virshEach(names.map((name) => `net-dumpxml ${name}; net-dumpxml ${name} --inactive`));
    return Object.fromEntries(rows.map((row, index) => [names[index], `${row}\n${texts[index] ?? ''}`]));
  }

  /** The state that each line starts from. */
  let base: Readonly<Record<string, string>> = {};

  /** Recreates those networks that have changed. */
  async function restore(now: Readonly<Record<string, string>>): Promise<void> {
    const gone = Object.keys(now).filter((name) => now[name] !== base[name]);
    const made = names.filter((name) => now[name] === undefined || now[name] !== base[name]);
    const clear = gone.map((name) => `net-destroy ${name}; net-undefine ${name}`);
    if (clear.length > 0) await run('virsh', [clear.join('; ')]);
    if (made.length > 0) await virsh(made.map((name) => arrangement(name, files.path(name))).join('; '));
  }

  async function after(tool: typeof byVirsh, [line, before]: Case): Promise<unknown> {
    if (before !== undefined) await virsh(before);
    const place = (text: string): string => text.replaceAll(/@(\w+)/g, (_, name: File) => files.path(name));
    const said = await tool(typeof line === 'string' ? place(line) : line.map(place));
    const left = await state();
    await restore(left);
    return { ...said, left };
  }

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'pbr0', 'type', 'bridge']);
    await must('ip', ['link', 'add', 'name', 'pnic0', 'type', 'veth', 'peer', 'name', 'pnic1']);
    files = await documents({ ...networks, ...more });
    await restore({});
    base = await state();
  });

  afterAll(async () => {
    await run('virsh', [names.map((name) => `net-destroy ${name}; net-undefine ${name}`).join('; ')]);
    await files.remove();
    await must('ip', ['link', 'delete', 'dev', 'pbr0']);
    await must('ip', ['link', 'delete', 'dev', 'pnic0']);
  });

  it.each(cases)('print, return and leave what virsh does: %j', async (...one) => {
    const expected = await after(byVirsh, one);
    expect(await after(byKvmnet, one)).toEqual(expected);
  });
});
