import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeGuestWithoutSystem } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { kvmnetJson, nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const nic = (type: string, source: string) =>
  `<interface type='${type}'><source ${source}/><model type='virtio'/></interface>`;
const network = (name: string, bridge: string, forward = '') =>
  `<network><name>${name}</name>${forward}<bridge name='${bridge}'/></network>`;

onPrivateHost('several VMs at once', () => {
  const names = ['one', 'two', 'three'];
  const states = async (): Promise<string[]> =>
    Promise.all(names.map(async (name) => (await virsh('domstate', name)).trim()));

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    await virshWith(network('idle', 'idlebr0'), 'net-define', 'FILE');
    await virshWith(network('lan', 'br9', `<forward mode='bridge'/>`), 'net-define', 'FILE');
    const plugs = [nic('bridge', "bridge='br0'"), nic('network', "network='idle'"), nic('bridge', "bridge='br0'")];
    for (const [index, name] of names.entries()) {
      await makeGuestWithoutSystem(name, { nics: [plugs[index]!], start: false });
    }
  });

  afterAll(async () => {
    for (const name of names) {
      await run('virsh', ['-c', 'qemu:///system', 'destroy', name]);
      await virsh('undefine', name);
    }
    await virsh('net-undefine idle; net-undefine lan');
    await must('ip', ['link', 'delete', 'dev', 'br0']);
  });

  describe('vm start', () => {
    it('starts none when one does not exist', async () => {
      const { stderr, status } = await kvmnet(['vm', 'start', 'one', 'twoo']);
      expect({ stderr, status }).toEqual({ stderr: 'error: no domain "twoo"\nhint: did you mean two?\n', status: 2 });
      expect(await states()).toEqual(['shut off', 'shut off', 'shut off']);
    });

    it('starts the domains that it can, and reports why the others failed', async () => {
      const { stdout, stderr, status } = await kvmnet(['vm', 'start', 'one', 'two', 'three']);
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(stderr).toMatch(/^two needs network idle, which is not active and has to be started$/m);
      expect(stderr).toMatch(/^started one\nstarted three\nhint: .*--yes/m);
      expect(await states()).toEqual(['running', 'shut off', 'running']);
    });

    it('starts the network too with --yes, and leaves alone what runs', async () => {
      const { stdout, stderr, status } = await kvmnet(['vm', 'start', 'one', 'two', '--yes']);
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(stdout).toBe('start one: nothing to do\nstarted two\n');
      expect(await states()).toEqual(['running', 'running', 'running']);
      expect(await virsh('net-list', '--name')).toMatch('idle');
    });
  });

  it('vm nics and vm ip show them all', async () => {
    expect(await kvmnetJson(['vm', 'nics', ...names])).toMatchObject([
      { domain: 'one', index: 0, live: 'br0', bridge: 'br0' },
      { domain: 'two', index: 0, live: 'idle', bridge: 'idlebr0' },
      { domain: 'three', index: 0, live: 'br0' },
    ]);
    expect((await kvmnet(['vm', 'list', '--active', '-o', 'name'])).stdout).toBe('one\nthree\ntwo\n');
    // None of them asks for an address.
    expect((await kvmnet(['vm', 'ip', 'one', 'two', '-o', 'csv', '--columns', 'Address'])).stdout).toBe('Address\n');
    const { stderr, status } = await kvmnet(['vm', 'ip', 'one', 'two', '--wait', '1s']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: no address of one, two within 1 s\nhint: /);
  });

  it('vm stop --force ends them all', async () => {
    const { stdout, stderr, status } = await kvmnet(['vm', 'stop', '--force', ...names, 'one']);
    expect({ stdout, stderr, status }).toEqual({
      stdout: 'stopped one\nstopped two\nstopped three\n',
      stderr: '',
      status: 0,
    });
    expect(await states()).toEqual(['shut off', 'shut off', 'shut off']);
    await virsh('net-destroy', 'idle');
  });

  describe('vm start of one whose network or bridge does not exist', () => {
    const plugs = [
      [
        'a network',
        nic('network', "network='idl'"),
        'lost needs network idl, which does not exist',
        /did you mean idle\?/,
      ],
      [
        'a bridge',
        nic('bridge', "bridge='br1'"),
        'lost needs br1 of the host, which does not exist',
        /did you mean br0\?/,
      ],
      [
        'a bridge of a network',
        nic('network', "network='lan'"),
        'lost needs bridge br9 of the host for network lan',
        /vm nics lost/,
      ],
    ] as const;

    it.each(plugs)('is refused for %s', async (_what, plug, message, hint) => {
      await virsh('net-start', 'lan');
      await makeGuestWithoutSystem('lost', { nics: [plug], start: false });
      const { stderr, status } = await kvmnet(['vm', 'start', 'lost', '--yes']);
      await virsh('undefine', 'lost');
      await virsh('net-destroy', 'lan');
      expect(status).toBe(2);
      expect(stderr).toMatch(`error: ${message}`);
      expect(stderr).toMatch(hint);
    });
  });

  it('a transient VM has no next boot: it is attached live, and leaves the list when it stops', async () => {
    const xml = (await virsh('dumpxml', 'one', '--inactive'))
      .replace(/<uuid>.*?<\/uuid>|<mac .*?\/>/g, '')
      .replace('>one<', '>brief<');
    await virshWith(xml, 'create', 'FILE');
    try {
      expect((await kvmnet(['vm', 'attach', 'brief', 'br0', '--config'])).stderr).toMatch(
        /^error: brief is transient: it has no configuration\nhint: leave out --config\n/,
      );
      const { mac } = await kvmnetJson(['-q', 'vm', 'attach', 'brief', 'br0']);
      expect((await nicsOf('brief')).map((each) => each.mac)).toContain(mac);
      expect(
        (await kvmnetJson(['domiflist'])).filter(({ domain }: { domain: string }) => domain === 'brief'),
      ).toMatchObject([{ problems: [] }, { problems: [], mac }]);
    } finally {
      expect(await kvmnet(['vm', 'stop', 'brief', '--force'])).toMatchObject({ stdout: 'stopped brief\n', status: 0 });
    }
    expect(await virsh('list', '--all', '--name')).not.toMatch('brief');
  });
});
