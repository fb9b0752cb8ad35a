import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { journalFiles, removeNetworks } from '../../helpers/fault/fault.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { hangUpAt, type HangUp } from '../../helpers/fault/hang-up.ts';
import { kvmnet, startKvmnet, virsh } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { hostLinks, nic, plugIn, unplug, untilLinksAre } from '../../helpers/router.ts';
import { expectUnchanged, snapshot, type Snapshot } from '../../helpers/snapshot.ts';
import { waitFor } from '../../helpers/wait.ts';

const interrupted = 130;

/** At each line, with the closed terminal behind stderr too, and behind stdin and stdout alone. */
const at = (...lines: readonly string[]): readonly HangUp[] =>
  lines.flatMap((line) => (['terminal', 'pipe'] as const).map((stderr) => ({ line, stderr })));

async function hangUp(options: HangUp, args: readonly string[]): Promise<number> {
  const { status, said } = await hangUpAt(options, args);
  if (options.stderr === 'pipe' && status === interrupted) expect(said).toContain('interrupted');
  return status;
}

async function expectJournal(outcome: 'undone' | 'done'): Promise<void> {
  expect((await journalFiles()).at(-1)).toMatch(new RegExp(`\\.${outcome}\\.json$`));
  // Nothing of it is left to be dealt with.
  expect(await kvmnet(['net', 'list'])).toMatchObject({ status: 0, stderr: '' });
}

/** It is rolled back; or it was done before the signal came, and is then undone here. Nothing in between. */
async function expectSettled(status: number): Promise<void> {
  if (status === 0) {
    await expectJournal('done');
    expect(await kvmnet(['undo', '--yes'])).toMatchObject({ status: 0 });
  } else {
    expect(status).toBe(interrupted);
    await expectJournal('undone');
  }
}

onPrivateHost('a terminal that is closed in the middle of', () => {
  beforeAll(async () => {
    // libvirt's first network leaves its chains for good.
    await kvmnet(['net', 'create', 'first', '--nat', 'auto']);
    await kvmnet(['net', 'delete', 'first']);
  });

  describe('net create', () => {
    const create = ['net', 'create', 'keennet', '--nat', '192.168.132.0/24'];
    let before: Snapshot;

    beforeAll(async () => {
      before = await snapshot();
    });
    afterEach(removeNetworks);

    it.each(at('virConnectOpen ', 'route show table all'))(
      'leaves nothing before the first step: at "$line", with a $stderr behind stderr',
      async (moment) => {
        expect(await hangUp(moment, create)).toBe(interrupted);
        await expectUnchanged(before);
      },
    );

    it.each(
      at(
        'begin: define network keennet',
        'done: define network keennet',
        'done: enable autostart of network keennet',
        'virNetworkCreate ',
        'done: start network keennet',
      ),
    )('rolls it back at "$line", or is done, with a $stderr behind stderr', async (moment) => {
      await expectSettled(await hangUp(moment, create));
      await expectUnchanged(before);
    });
  });

  it('a shell that waits for a line ends it', async () => {
    const status = await hangUp({ line: 'kvmnet> ', stderr: 'terminal' }, ['shell']);
    // By the end of its input or by the signal, whichever is first.
    expect([0, interrupted]).toContain(status);
  });

  describe('vm attach', () => {
    let guest: Guest;

    beforeAll(async () => {
      await kvmnet(['net', 'create', 'keennet', '--nat', '192.168.132.0/24']);
      guest = await makeGuest('vm1');
      await waitFor('the guest to be up', async () => (await guest.console()).includes('GUEST UP'), { seconds: 60 });
    });
    afterAll(async () => {
      await guest.remove();
      await removeNetworks();
    });

    it.each(at('begin: attach', 'virDomainAttachDeviceFlags '))(
      'rolls it back at "$line", or is done, with a $stderr behind stderr',
      async (moment) => {
        const before = [await nicsOf('vm1'), await nicsOf('vm1', '--inactive')];
        await expectSettled(await hangUp(moment, ['vm', 'attach', 'vm1', 'keennet']));
        expect([await nicsOf('vm1'), await nicsOf('vm1', '--inactive')]).toEqual(before);
      },
    );

    it('changes nothing at a question', async () => {
      expect(await kvmnet(['vm', 'attach', 'vm1', 'keennet'])).toMatchObject({ status: 0 });
      expect(await hangUp({ line: '[y/N]', stderr: 'terminal' }, ['net', 'stop', 'keennet'])).toBe(interrupted);
      expect(await virsh('net-list', '--name')).toContain('keennet');
      await expectJournal('done');
    });
  });

  describe('bridge create --take-ip', () => {
    let before: unknown;

    beforeAll(plugIn);
    beforeEach(async () => {
      before = await hostLinks();
    });
    afterEach(async () => {
      // For a test that failed.
      await startKvmnet(['rollback']).outcome;
    });
    afterAll(unplug);

    const create = ['bridge', 'create', 'br0', '--port', nic.name, '--take-ip', '--confirm-within', '20'];

    it.each(at('begin: create bridge br0', 'done: create bridge br0'))(
      'rolls it back at "$line", or waits for a confirmation, with a $stderr behind stderr',
      async (moment) => {
        const status = await hangUp(moment, create);
        if (status === 0) await kvmnet(['rollback']);
        else expect(status).toBe(interrupted);
        await untilLinksAre(before);
        await expectJournal('undone');
      },
    );

    it.each([3, 15])('while ip is at it, after %d ms, rolls it back or finishes it', async (later) => {
      const status = await hangUp({ line: 'begin: create bridge br0', later, stderr: 'terminal' }, create);
      if (status === 0) await kvmnet(['rollback']);
      else expect(status).toBe(interrupted);
      await untilLinksAre(before);
      await expectJournal('undone');
    });
  });
});
