import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startDaemon } from '../../helpers/daemon.ts';
import {
  holdPort,
  journalFiles,
  killDaemon,
  removeNetworks,
  kvmnetWithFault,
  said,
  withFake,
  withFullDisk,
  withReadOnly,
} from '../../helpers/fault/fault.ts';
import { kvmnet, must, run, virsh, virshWith, type Outcome } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, snapshot, type Snapshot } from '../../helpers/snapshot.ts';

const asked = ['net', 'create', 'keennet', '--nat', '192.168.132.0/24', '--bridge-name', 'keenbr0'];
const networks = '/etc/libvirt/qemu/networks';
const create = (): Promise<Outcome> => kvmnet(asked);

onPrivateHost('a change that fails halfway', () => {
  let before: Snapshot;

  beforeAll(async () => {
    // libvirt's first network leaves its chains for good.
    await kvmnet(['net', 'create', 'first', '--nat', 'auto']);
    await kvmnet(['net', 'delete', 'first']);
    before = await snapshot();
  });

  afterEach(async () => {
    try {
      await expectUnchanged(before);
    } finally {
      await removeNetworks();
    }
  });

  /** Expects a failure, the state before, and each of these messages. */
  async function expectUndone(outcome: Outcome, ...words: readonly (string | RegExp)[]): Promise<void> {
    const { stdout, status } = outcome;
    const text = said(outcome);
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    for (const each of words) expect(text).toMatch(each);
    expect(text).toMatch(/^error: .*; everything is as before$/m);
    expect(text).toMatch(/^hint: /m);
    await expectUnchanged(before);
    // And no later run has anything to deal with.
    expect((await kvmnet(['net', 'list'])).stderr).toBe('');
  }

  describe('while libvirt defines the network', () => {
    it('reports that the disk is full', async () => {
      await withFullDisk(networks, async () => {
        await expectUndone(
          await create(),
          /^error: define network keennet: the disk of the host is full;/m,
          /^libvirt: .*keennet\.xml/m,
        );
      });
    });

    it('reports that the file system is read-only', async () => {
      await withReadOnly(networks, async () => {
        await expectUndone(await create(), /^error: define network keennet: the file system .* is read-only;/m);
      });
    });
  });

  it('reverts the definition if autostart cannot be enabled', async () => {
    await withReadOnly(`${networks}/autostart`, async () => {
      await expectUndone(
        await create(),
        /^error: enable autostart of network keennet: the file system .* is read-only;/m,
      );
    });
  });

  describe('while libvirt starts the network', () => {
    it('names the device that took the name of the bridge after it had been checked', async () => {
      const add = ['ip', 'link', 'add', 'name', 'keenbr0', 'type', 'bridge'];
      const outcome = await kvmnetWithFault({ line: 'begin: start network keennet', run: add }, asked);
      expect(await must('ip', ['-br', 'link', 'show', 'dev', 'keenbr0'])).toContain('keenbr0');
      await must('ip', ['link', 'delete', 'dev', 'keenbr0']);
      await expectUndone(
        outcome,
        /the host already has a device keenbr0 \(bridge\)/,
        /^libvirt: .*File exists/m,
        /--bridge-name/,
      );
    });

    it('names the route that took the subnet after it had been checked', async () => {
      const add = ['ip', 'route', 'add', '192.168.132.0/24', 'dev', 'lo'];
      const outcome = await kvmnetWithFault({ line: 'begin: start network keennet', run: add }, asked);
      await must('ip', ['route', 'delete', '192.168.132.0/24', 'dev', 'lo']);
      await expectUndone(outcome, /192\.168\.132\.0\/24 overlaps the route 192\.168\.132\.0\/24 dev lo/);
    });

    it.each([
      ['its address', '192.168.132.1', 53, '192.168.132.1', '--no-dns'],
      ['every address', '0.0.0.0', 53, 'every address', '--no-dns'],
      ['every address', '0.0.0.0', 67, 'every address', '--no-dhcp'],
    ])('names the process that has a port of %s: %s:%i', async (_, address, port, where, remedy) => {
      const holder = await holdPort(address, port);
      const outcome = await create();
      await holder.release();
      await expectUndone(outcome, `port ${port} of ${where} is taken by node (process ${holder.pid})`, remedy);
    });

    it('reports that dnsmasq is missing', async () => {
      await withFake('/usr/sbin/dnsmasq', { executable: false }, async () => {
        await expectUndone(await create(), /the program dnsmasq is not installed/, /apt-get install dnsmasq-base/);
      });
      // libvirtd has forgotten where it was.
      expect(await create()).toMatchObject({ status: 0 });
      expect(await kvmnet(['net', 'delete', 'keennet'])).toMatchObject({ status: 0 });
    });

    it('repeats the message of dnsmasq if it exits at once', async () => {
      const script = '[[ $1 == --version ]] && REAL "$@" || { echo "dnsmasq: junk found" >&2; exit 3; }';
      await withFake('/usr/sbin/dnsmasq', { script }, async () => {
        await expectUndone(
          await create(),
          /dnsmasq, which serves DHCP and DNS, exited with status 3: dnsmasq: junk found/,
        );
      });
    });

    it('repeats the message of iptables if it refuses one of several rules', async () => {
      const script = '[[ "$*" == *MASQUERADE* ]] && { echo "no more rules" >&2; exit 4; }; REAL "$@"';
      await withFake('/usr/sbin/iptables', { script }, async () => {
        const outcome = await create();
        expect(outcome.status).toBe(1);
        expect(outcome.stderr).toMatch(
          /iptables refused libvirt's firewall rules: no more rules; everything is as before/,
        );
      });
      await expectUnchanged(before);
    });

    it('reports that the disk of the files for dnsmasq is full', async () => {
      await withFullDisk('/var/lib/libvirt/dnsmasq', async () => {
        await expectUndone(await create(), /^error: start network keennet: the disk of the host is full;/m);
      });
    });

    it('reports that a firewall zone needs firewalld', async () => {
      await expectUndone(await kvmnet([...asked, '--zone', 'public']), /a zone of firewalld, which does not run/);
    });
  });

  it('is not begun when its own journal cannot be written', async () => {
    await withFullDisk(process.env['KVMNET_STATE_DIR']!, async () => {
      const outcome = await kvmnet([...asked, '--verbose']);
      expect(outcome.status).toBe(1);
      expect(said(outcome)).toMatch(/^error: nothing was changed, because the journal cannot be written: ENOSPC/m);
      expect(said(outcome)).toMatch(/^hint: .*KVMNET_STATE_DIR/m);
      expect(outcome.stderr).not.toMatch(/^(begin|virNetwork(Define|Create|SetAutostart|Undefine|Destroy))/m);
    });
  });

  it('explains that a killed daemon left a bridge that has the address of the definition', async () => {
    const mac = '52:54:00:aa:bb:cc';
    await kvmnet([...asked, '--mac', mac, '--no-start']);
    await must('ip', ['link', 'add', 'name', 'keenbr0', 'address', mac, 'type', 'bridge']);
    const outcome = await kvmnet(['net', 'start', 'keennet']);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/the bridge keenbr0 already exists: a libvirt daemon that was killed has left it/);
    expect(outcome.stderr).toMatch(/^hint: .*ip link delete dev keenbr0$/m);
    await must('ip', ['link', 'delete', 'dev', 'keenbr0']);
    expect(await kvmnet(['net', 'start', 'keennet'])).toMatchObject({ status: 0, stderr: '' });
    expect(await kvmnet(['net', 'delete', 'keennet'])).toMatchObject({ status: 0 });
  });

  it('names what it could not undo, and the next change tries it once more', async () => {
    // On a full disk libvirt 9.0 loses an inactive network that is redefined, and does not accept the old
    // definition either.
    const xml = (title: string): string =>
      `<network><name>lost</name><uuid>8a7a1c6e-0000-4000-8000-000000000001</uuid><bridge name='lost0'/><domain name='${title}.example'/></network>`;
    await virshWith(xml('old'), 'net-define', 'FILE');
    const outcome = await withFullDisk(networks, () => kvmnet(['net', 'define', '-'], { stdin: xml('new') }));
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/^error: redefine network lost: the disk of the host is full$/m);
    expect(outcome.stderr).toMatch(/^not undone: "redefine network lost" \(.*\)$/m);
    expect((await virsh('net-list', '--all', '--name')).trim()).toBe('');

    const next = await kvmnet(['net', 'create', 'other', '--isolated', '--no-start']);
    expect(next).toMatchObject({ status: 0 });
    expect(next.stderr).toContain('an earlier run could not undo "redefine network lost": trying once more');
    expect(await virsh('net-dumpxml', 'lost')).toContain("<domain name='old.example'");
    expect(await kvmnet(['net', 'delete', 'lost', 'other'])).toMatchObject({ status: 0, stderr: '' });
  });

  describe('when the daemon is gone', () => {
    afterAll(async () => {
      if ((await run('virsh', ['-q', '-c', 'qemu:///system', 'uri'])).status !== 0) await startDaemon();
    });

    it('leaves the rest to the next run, which finishes it', async () => {
      const outcome = await kvmnetWithFault({ line: 'begin: start network keennet', run: killDaemon }, asked);
      expect(outcome.status).toBe(1);
      expect(said(outcome)).toMatch(/^error: create network keennet: /m);
      expect(said(outcome)).toMatch(/^hint: once libvirt answers again, the same command finishes it/m);
      expect((await journalFiles()).at(-1)).toMatch(/\.3\.running\.json$/);

      await startDaemon();
      const next = await create();
      expect(next.status).toBe(0);
      expect(next.stderr).toBe('an earlier run broke off in the middle of "create network keennet": finishing it\n');
      expect(await virsh('net-info', 'keennet')).toMatch(/Active: +yes\nPersistent: +yes\nAutostart: +yes/);
      expect(await kvmnet(['net', 'delete', 'keennet'])).toMatchObject({ status: 0, stderr: '' });
    });

    it('or hangs, reports it within the deadline, and leaves the rest to the next run too', async () => {
      const signal = (name: string): readonly string[] => ['bash', '-c', `kill -${name} $(cat /run/libvirtd.pid)`];
      const line = 'begin: start network keennet';
      const outcome = await kvmnetWithFault({ line, run: signal('STOP') }, [...asked, '--timeout', '15']);
      await must('bash', signal('CONT').slice(1));
      expect(outcome.status).toBe(1);
      expect(said(outcome)).toMatch(/^error: create network keennet: .*within 15 s; the change may still complete$/m);
      expect(said(outcome)).toMatch(/^hint: once libvirt answers again, the same command finishes it/m);
      const next = await kvmnet([...asked, '--timeout', '60']);
      expect(next).toMatchObject({ status: 0, stderr: expect.stringMatching(/^an earlier run broke off/) });
      expect(await virsh('net-info', 'keennet')).toMatch(/Active: +yes\nPersistent: +yes\nAutostart: +yes/);
      expect(await kvmnet(['net', 'delete', 'keennet'])).toMatchObject({ status: 0, stderr: '' });
    });

    it('reports that libvirt lost its firewall chains, if a program has flushed the rules', async () => {
      await must('nft', ['flush', 'ruleset']);
      const outcome = await create();
      await must('bash', ['-c', 'kill $(cat /run/libvirtd.pid)']);
      await startDaemon();
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toMatch(/libvirt's firewall chains are missing: .*; everything is as before/);
      expect(outcome.stderr).toMatch(/^hint: restart the daemon/m);
    });
  });
});
