import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, run, startKvmnet, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { more } from '../../helpers/virsh/networks.ts';
import { byKvmnet, byVirsh, documents, wordsOf, type Line } from '../../helpers/virsh/parity.ts';
import { waitFor } from '../../helpers/wait.ts';
import { mac, busy, portUuid, port, filter, binding } from './net-guest.ts';

onPrivateHost("virsh's names with a running guest", () => {
  let files: Awaited<ReturnType<typeof documents<'busy' | 'port' | 'filter' | 'changed' | 'binding' | 'broken'>>>;
  let guest: Guest;
  let tap = '';
  let uuid = '';

  const place = (line: Line): Line =>
    wordsOf(line).map((word) =>
      word
        .replace(/^@(\w+)$/, (_, name: 'busy') => files.path(name))
        .replace('$TAP', tap)
        .replace('$PORT', uuid),
    );

  beforeAll(async () => {
    const changed = filter.replace('25', '26');
    files = await documents({ busy, port, filter, changed, binding, broken: more.broken });
    await virsh(`net-define ${files.path('busy')}; net-start busy`);
    guest = await makeGuest('keen', {
      nics: [
        `<interface type='network'><mac address='${mac}'/><source network='busy'/><model type='virtio'/><filterref filter='no-arp-spoofing'/></interface>`,
      ],
    });
    await guest.lease();
    tap = /vnet\d+/.exec(await virsh('domiflist', 'keen'))?.[0] ?? '';
    uuid = (await virsh('net-port-list', 'busy')).trim();
  });

  afterAll(async () => {
    await guest.remove();
    await run('virsh', ['net-destroy busy; net-undefine busy']);
    await files.remove();
  });

  const looks: readonly Line[] = [
    ...[
      'net-dhcp-leases busy',
      '-q net-dhcp-leases busy',
      `net-dhcp-leases busy ${mac}`,
      `net-dhcp-leases busy --mac ${mac}`,
    ],
    ...['net-dhcp-leases busy 52:54:00:00:77:02', 'net-info busy', 'net-dumpxml busy', 'net-dumpxml busy --inactive'],
    ...['net-port-list busy', '-q net-port-list busy', 'net-port-list --uuid busy', 'net-port-dumpxml busy $PORT'],
    ...[
      'net-port-dumpxml --port $PORT --network busy --xpath //mac',
      'net-port-dumpxml busy $PORT --wrap --xpath //mac/@address',
    ],
    ...['nwfilter-binding-list', '-q nwfilter-binding-list', 'nwfilter-binding-dumpxml $TAP'],
    ...['nwfilter-binding-dumpxml --binding $TAP --wrap', 'nwfilter-undefine no-arp-spoofing'],
    ...['iface-list --all', 'iface-dumpxml $TAP', 'iface-mac $TAP', 'domiflist keen', '-q domiflist keen'],
  ];

  it.each(looks)('print and return what virsh does: %j', async (...words) => {
    const line = place(words.join(' '));
    const expected = await byVirsh(line);
    expect(expected.stdout).not.toBe('');
    expect(await byKvmnet(line)).toEqual(expected);
  });

  /** A line, what is looked at after it, and what virsh then does to go back. */
  const changes: readonly (readonly [line: Line, look: string, back: string])[] = [
    [
      'net-port-create busy @port',
      `net-port-list busy; net-port-dumpxml busy ${portUuid}`,
      `net-port-delete busy ${portUuid}`,
    ],
    ['-q net-port-create busy --file @port --validate', 'net-port-list busy', `net-port-delete busy ${portUuid}`],
    ['net-port-create busy @broken', 'net-port-list busy', 'net-list'],
    ['net-port-create busy /nosuch', 'net-port-list busy', 'net-list'],
    ['nwfilter-define @filter', 'nwfilter-dumpxml keen-filter', 'nwfilter-undefine keen-filter'],
    ['-q nwfilter-define @filter --validate', 'nwfilter-dumpxml keen-filter', 'nwfilter-undefine keen-filter'],
    ['nwfilter-define @broken', 'nwfilter-list', 'net-list'],
    ['nwfilter-define @busy', 'nwfilter-list', 'net-list'],
    ['nwfilter-binding-create @binding', 'nwfilter-binding-list', 'nwfilter-binding-delete pbusy0'],
    ['nwfilter-binding-create @broken', 'nwfilter-binding-list', 'net-list'],
    ['-q nwfilter-binding-create @binding --validate', 'nwfilter-binding-list', 'nwfilter-binding-delete pbusy0'],
  ];

  it.each(changes)('print, return and leave what virsh does: %s', async (line, look, back) => {
    const after = async (tool: typeof byVirsh): Promise<unknown> => {
      const said = await tool(place(line));
      const left = await virsh(look);
      await virsh(back);
      return { ...said, left };
    };
    expect(await after(byKvmnet)).toEqual(await after(byVirsh));
  });

  /** virsh's commands that come before, and a line that takes away what they made. */
  const removals: readonly (readonly [before: string, line: string, look: string])[] = [
    ['net-port-create busy @port', `net-port-delete busy ${portUuid}`, 'net-port-list busy'],
    ['net-port-create busy @port', `-q net-port-delete --port ${portUuid} --network busy`, 'net-port-list busy'],
    ['nwfilter-define @filter', 'nwfilter-undefine keen-filter', 'nwfilter-list'],
    ['nwfilter-define @filter', 'nwfilter-undefine 00000000-0000-4000-8000-0000000000cc', 'nwfilter-list'],
    ['nwfilter-binding-create @binding', 'nwfilter-binding-delete pbusy0', 'nwfilter-binding-list'],
  ];

  it.each(removals)('after %s print, return and leave what virsh does: %s', async (before, line, look) => {
    const after = async (tool: typeof byVirsh): Promise<unknown> => {
      await virsh(...wordsOf(place(before)));
      return { ...(await tool(line)), left: await virsh(look) };
    };
    expect(await after(byKvmnet)).toEqual(await after(byVirsh));
  });

  /** The state before, a command line, and the commands that show the result. */
  const undone: readonly (readonly [before: string, line: string, look: string, back: string])[] = [
    ['net-list', 'net-port-create busy @port', `net-port-list busy`, 'net-list'],
    [
      'net-port-create busy @port',
      `net-port-delete busy ${portUuid}`,
      `net-port-list busy; net-port-dumpxml busy ${portUuid}`,
      `net-port-delete busy ${portUuid}`,
    ],
    ['net-list', 'nwfilter-define @filter', 'nwfilter-list', 'net-list'],
    [
      'nwfilter-define @filter',
      'nwfilter-define @changed',
      'nwfilter-dumpxml keen-filter',
      'nwfilter-undefine keen-filter',
    ],
    ['nwfilter-define @filter', 'nwfilter-undefine keen-filter', 'nwfilter-list', 'nwfilter-undefine keen-filter'],
    ['net-list', 'nwfilter-binding-create @binding', 'nwfilter-binding-list', 'net-list'],
    [
      'nwfilter-binding-create @binding',
      'nwfilter-binding-delete pbusy0',
      'nwfilter-binding-list; nwfilter-binding-dumpxml pbusy0',
      'nwfilter-binding-delete pbusy0',
    ],
  ];

  it.each(undone)(
    'after %s are undone by kvmnet undo, and done again by another: %s',
    async (before, line, look, back) => {
      const seen = async (): Promise<string> => (await run('virsh', [look])).stdout;
      await virsh(...wordsOf(place(before)));
      const first = await seen();
      expect(await kvmnet(wordsOf(place(line)))).toMatchObject({ status: 0, stderr: '' });
      const second = await seen();
      expect(second).not.toBe(first);
      for (const expected of [first, second, first]) {
        expect(await kvmnet(['undo', '1'])).toMatchObject({ status: 0, stderr: '' });
        expect(await seen()).toBe(expected);
      }
      await virsh(...wordsOf(place(back)));
    },
  );

  describe('that edit', () => {
    /** An editor for `$EDITOR`, and what it makes of the definition. */
    const editors: readonly (readonly [command: string, editor: string])[] = [
      ['net-edit busy', 'true'],
      ['-q net-edit busy', 'true'],
      ['net-edit busy', 'sed -i s/192.168.41.99/192.168.41.98/'],
      ['net-edit busy', 'false'],
      ['net-edit busy', 'no-such-editor'],
      ['nwfilter-edit keen-filter', 'true'],
      ['nwfilter-edit keen-filter', "sed -i s/dstportstart=.25./dstportstart=\\'27\\'/"],
      ['iface-edit lo', 'true'],
    ];

    beforeAll(async () => {
      await virsh('nwfilter-define', files.path('filter'));
    });

    afterAll(async () => {
      await virsh('nwfilter-undefine', 'keen-filter');
    });

    it.each(editors)('print, return and leave what virsh does: %s with the editor %s', async (line, EDITOR) => {
      const after = async (tool: typeof byVirsh): Promise<unknown> => {
        const said = await tool(line, { env: { EDITOR, VISUAL: undefined } });
        const left = await virsh('net-dumpxml busy --inactive; nwfilter-dumpxml keen-filter');
        await virsh(`net-define ${files.path('busy')}; nwfilter-define ${files.path('filter')}`);
        return { ...said, left };
      };
      expect(await after(byKvmnet)).toEqual(await after(byVirsh));
    });

    it('prefer $VISUAL', async () => {
      const env = { EDITOR: 'false', VISUAL: 'true' };
      expect(await byKvmnet('net-edit busy', { env })).toEqual(await byVirsh('net-edit busy', { env }));
    });

    it('fail if the definition cannot be used, and keep the edited text; virsh reports success', async () => {
      const env = { EDITOR: "sed -i 's,</name>,,'", VISUAL: undefined };
      expect(await byVirsh('net-edit busy', { env })).toEqual({
        stdout: 'Network (null) XML configuration edited.\n\n',
        status: 0,
      });
      const { stdout, stderr, status } = await kvmnet(['net-edit', 'busy'], { env });
      expect({ stdout, status }).toEqual({ stdout: '\n', status: 1 });
      const [, file = ''] = /what you edited is in (\S+)/.exec(stderr) ?? [];
      const { stdout: kept } = await run('cat', [file]);
      expect(kept).toContain('<name>busy\n');
      await run('rm', ['-r', file.replace('/definition.xml', '')]);
    });
  });

  describe('that wait for events', () => {
    /** Starts a tool that waits, and does something to a network once it listens. */
    async function heard(
      start: () => ReturnType<typeof startKvmnet>,
      ...happenings: readonly string[]
    ): Promise<unknown> {
      const waiting = start();
      let ended = false;
      const outcome = waiting.outcome.finally(() => (ended = true));
      // Nothing shows that it is listening: the event is repeated until it is reported.
      await waitFor('the events to be heard', async () => {
        if (!ended) for (const happening of happenings) await virsh(happening);
        return ended;
      });
      const { stdout, status } = await outcome;
      return { stdout: stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\+0000/g, 'TIME'), status };
    }

    it.each([
      ['net-event --event lifecycle', 'Defined'],
      ['net-event busy lifecycle --timestamp --timeout 60', 'Defined'],
      ['-q net-event --network busy --event lifecycle', 'Defined'],
    ])('print and return what virsh does: %s', async (line, event) => {
      const define = `net-define ${files.path('busy')}`;
      const { start } = await import('../../helpers/host.ts');
      const said = await heard(() => startKvmnet(wordsOf(line)), define);
      expect(said).toEqual(await heard(() => start('virsh', wordsOf(line)), define));
      expect(JSON.stringify(said)).toContain(`network busy: ${event}`);
    });

    it('end by Ctrl-C with the events so far, and print nothing about a rollback', async () => {
      const waiting = startKvmnet(wordsOf('net-event --event lifecycle --loop'));
      let text = '';
      waiting.process.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await waitFor('an event to be heard', async () => {
        await virsh('net-define', files.path('busy'));
        return text.includes('Defined');
      });
      waiting.process.kill('SIGINT');
      const { stdout, stderr, status } = await waiting.outcome;
      expect(stdout).toMatch(
        /^(event 'lifecycle' for network busy: Defined\n)+event loop interrupted\nevents received: \d+\n\n$/,
      );
      expect({ stderr, status }).toEqual({ stderr: '\n', status: 0 });
    });

    it('refuse a network that does not exist, where virsh waits for events of all', async () => {
      expect(await byKvmnet('net-event nosuch lifecycle --timeout 1')).toEqual({ stdout: '\n', status: 1 });
      expect(await byVirsh('net-event nosuch lifecycle --timeout 1')).toMatchObject({
        stdout: 'event loop timed out\nevents received: 0\n\n',
      });
    });
  });

  it('fail for a port that does not exist, where virsh reports success', async () => {
    for (const line of [
      `net-port-dumpxml busy ${portUuid}`,
      `net-port-delete busy ${portUuid}`,
      'net-port-dumpxml nosuch x',
    ]) {
      expect(await byVirsh(line)).toEqual({ stdout: '\n', status: 0 });
      expect(await byKvmnet(line)).toEqual({ stdout: '\n', status: 1 });
    }
  });

  it('select by --xpath of a filter binding too, where virsh takes the option and prints all', async () => {
    const line = ['nwfilter-binding-dumpxml', tap, '--xpath', 'mac'];
    expect((await byVirsh(line)).stdout).toContain('<filterbinding>');
    expect((await byKvmnet(line)).stdout).toBe(`<mac address="${mac}"/>\n\n`);
  });

  it('refuse an invalid XPath expression, where virsh prints nothing and reports success', async () => {
    const line = ['net-dumpxml', 'busy', '--xpath', 'bad[['];
    expect(await byVirsh(line)).toEqual({ stdout: '\n', status: 0 });
    const { stdout, stderr, status } = await kvmnet(line);
    expect({ stdout, status }).toEqual({ stdout: '\n', status: 1 });
    expect(stderr).toMatch(/^error: "bad\[\[" is not an XPath expression\n/);
  });

  it('report which guests net-destroy disconnects, and do it without a question as virsh does', async () => {
    const { stdout, stderr, status } = await kvmnet(['net-destroy', 'busy']);
    expect({ stdout, status }).toEqual({ stdout: 'Network busy destroyed\n\n', status: 0 });
    expect(stderr).toContain(`warning: stopping network busy cuts off keen: NIC ${mac} (${tap})\n`);
  });
});
