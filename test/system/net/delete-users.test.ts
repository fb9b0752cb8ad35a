import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kvmnetWithFault } from '../../helpers/fault/fault.ts';
import { makeGuest, makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, virsh, virshWith } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { answers } from '../../helpers/reach.ts';

const mac = (last: string): string => `52:54:00:a7:00:${last}`;
const network = (name: string, subnet: string, more = ''): string => `<network>
  <name>${name}</name>
  <forward mode='nat'/>
  <bridge name='${name}0' stp='off' delay='0'/>
  <ip address='${subnet}.1' netmask='255.255.255.0'><dhcp><range start='${subnet}.2' end='${subnet}.254'/></dhcp></ip>
  ${more}
</network>`;

const nic = (address: string, source: string): string =>
  `<interface type='${source.startsWith('bridge') ? 'bridge' : 'network'}'><mac address='${address}'/><source ${source}/><model type='virtio'/></interface>`;

async function everything(): Promise<string> {
  const lines = [
    ['net-list', '--all'],
    ['net-dumpxml', 'going', '--inactive'],
    ['dumpxml', 'awake'],
    ['dumpxml', 'awake', '--inactive'],
    ['dumpxml', 'asleep'],
  ];
  const said = await Promise.all(lines.map((line) => virsh(...line)));
  return said.join('\n').replaceAll(/ portid='[^']*'/g, '');
}

onPrivateHost('net delete with guests', () => {
  const guests: Guest[] = [];
  let awake: Guest;

  beforeAll(async () => {
    await virshWith(network('going', '192.168.201', "<portgroup name='web'/>"), 'net-define', 'FILE');
    await virshWith(network('staying', '192.168.202', "<portgroup name='web'/>"), 'net-define', 'FILE');
    await virshWith(network('plain', '192.168.203'), 'net-define', 'FILE');
    for (const name of ['going', 'staying', 'plain']) await virsh('net-start', name);
    awake = await makeGuest('awake', { nics: [nic(mac('10'), "network='going' portgroup='web'")] });
    const sleepingNics = [nic(mac('20'), "network='going'"), nic(mac('21'), "bridge='going0'")];
    guests.push(awake, await makeGuestWithoutSystem('asleep', { nics: sleepingNics, start: false }));
    const definition = await virsh('dumpxml', 'asleep');
    // libvirt puts the controllers in order when it reads its own XML again.
    await virshWith(definition, 'define', 'FILE');
    await virshWith(
      `<domainsnapshot><name>before</name><state>shutoff</state><creationTime>1700000000</creationTime><memory snapshot='no'/>${definition}</domainsnapshot>`,
      ...['snapshot-create', 'asleep', '--xmlfile', 'FILE', '--redefine'],
    );
    await answers(await awake.lease());
  });

  afterAll(async () => {
    await virsh('snapshot-delete', 'asleep', 'before', '--metadata');
    for (const guest of guests) await guest.remove();
    for (const name of (await virsh('net-list', '--all', '--name')).trim().split('\n')) {
      await kvmnet(['net', 'delete', name, '--yes']);
    }
  });

  const snapshotOfIt = `snapshot before of asleep has NICs ${mac('20')}, ${mac('21')} in network going: asleep will not start from it without that network (virsh snapshot-edit asleep before names another)`;

  it('names every user, running or shut off, every NIC and every snapshot, and the way out', async () => {
    const before = await everything();
    const { status, stderr } = await kvmnet(['net', 'delete', 'going']);
    expect(status).toBe(2);
    expect(stderr).toMatch(new RegExp(`stopping network going cuts off awake: NIC ${mac('10')} \\(vnet\\d+\\)`));
    expect(stderr).toContain(`awake will not start again without network going: ${mac('10')} is defined in it`);
    for (const last of ['20', '21']) {
      expect(stderr).toContain(`asleep (shut off) will not start without network going: ${mac(last)} is defined in it`);
    }
    expect(stderr).toContain(snapshotOfIt);
    expect(stderr).toContain('kvmnet net delete going --move-to NETWORK moves the NICs first');
    expect(await everything()).toBe(before);
  });

  it('refuses a target that lacks a portgroup, that goes away too, or that does not exist', async () => {
    const before = await everything();
    const lacking = await kvmnet(['net', 'delete', 'going', '--move-to', 'plain']);
    expect(lacking).toMatchObject({ status: 2, stdout: '' });
    expect(lacking.stderr).toContain(`network plain lacks the portgroup web of awake: NIC ${mac('10')}`);
    const same = await kvmnet(['net', 'delete', 'plain', 'going', '--move-to', 'plain', '--yes']);
    expect(same.stderr).toContain('network plain is deleted too');
    const unknown = await kvmnet(['net', 'delete', 'going', '--move-to', 'stayin', '--yes']);
    expect(unknown).toMatchObject({ status: 2, stderr: 'error: no network stayin\nhint: did you mean staying?\n' });
    expect(await everything()).toBe(before);
  });

  describe('and --move-to', () => {
    it.each([
      'begin: attach NIC 52:54:00:a7:00:21 of asleep',
      'begin: stop network going',
      'begin: undefine network going',
    ])('killed at "%s" is undone by another command', async (line) => {
      const before = await everything();
      await kvmnetWithFault({ line, signal: 'SIGKILL' }, ['net', 'delete', 'going', '--move-to', 'staying', '--yes']);
      const { stderr } = await kvmnet(['net', 'autostart', 'plain', '--disable']);
      expect(stderr).toBe(
        'an earlier run broke off in the middle of "delete network going, and move its NICs to staying": undoing it\n',
      );
      expect(await everything()).toBe(before);
    });

    it('starts a target that is not active, with consent', async () => {
      await virsh('net-destroy', 'staying');
      const { status, stderr } = await kvmnet(['net', 'delete', 'going', '--move-to', 'staying']);
      expect(status).toBe(2);
      expect(stderr).toContain('network staying is not active, and has to be started');
      await virsh('net-start', 'staying');
    });

    it('moves running and shut-off guests first: the running one takes a new address untouched', async () => {
      const before = await everything();
      const leases = (await awake.leases()).length;
      const { stdout, stderr, status } = await kvmnet(['net', 'delete', 'going', '--move-to', 'staying']);
      expect({ stderr, status }).toEqual({ stderr: `warning: ${snapshotOfIt}\n`, status: 0 });
      expect(stdout).toBe(
        [
          'deleted going',
          `asleep: NIC ${mac('20')} is attached to staying`,
          `asleep: NIC ${mac('21')} is attached to staying`,
          `awake: NIC ${mac('10')} is attached to staying\n`,
        ].join('\n'),
      );
      const address = await awake.newLease(/^192\.168\.202\./, leases);
      await answers(address);
      const seen = [await nicsOf('awake'), await nicsOf('awake', '--inactive'), await nicsOf('asleep')].flat();
      expect(seen.map((each) => [each.mac, each.model])).toEqual(
        ['10', '10', '20', '21'].map((last) => [mac(last), 'virtio']),
      );
      expect(seen[0]?.source).toMatch(/^network='staying' portgroup='web' .*bridge='staying0'/);
      expect(seen.slice(1).map(({ source }) => source)).toEqual([
        ...["network='staying' portgroup='web'", "network='staying'", "network='staying'"],
      ]);
      expect(await virsh('net-list', '--all', '--name')).not.toContain('going');

      const known = (await awake.leases()).length;
      const undo = await kvmnet(['undo', '--yes']);
      expect(undo).toMatchObject({ status: 0, stderr: '' });
      expect(await everything()).toBe(before);
      await awake.newLease(/^192\.168\.201\./, known);
    });

    it('killed in the middle is finished by the same command', async () => {
      const command = ['net', 'delete', 'going', '--move-to', 'staying', '--yes'];
      await kvmnetWithFault({ line: 'done: stop network going', signal: 'SIGKILL' }, command);
      const { stderr, status } = await kvmnet(command);
      expect({ stderr, status }).toMatchObject({ stderr: expect.stringMatching(/finishing it\n$/), status: 0 });
      expect(await virsh('net-list', '--all', '--name')).not.toContain('going');
      expect((await nicsOf('awake'))[0]?.source).toContain("network='staying'");
    });
  });
});
