import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { change, connect, KvmnetError, type Action, type Connection, type Expectation } from 'kvmnet';
import type { Call, FieldType } from '../../../src/plan/actions/row.ts';
import { calls, rowOf } from '../../../src/plan/actions/rows.ts';
import { journalFiles, removeNetworks } from '../../helpers/fault/fault.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, snapshot } from '../../helpers/snapshot.ts';

const uuid = (number: number): string => `00000000-0000-4000-8000-0000000000${number}`;
const [on, off, transient, stuck, witness] = [uuid(31), uuid(32), uuid(33), uuid(34), uuid(35)] as const;
const [vm, broken, missing] = [uuid(41), uuid(42), uuid(99)] as const;
const mac = '52:54:00:00:77:01';

const network = (name: string, id: string, bridge: string, more = ''): string =>
  `<network><name>${name}</name><uuid>${id}</uuid><bridge name="${bridge}" stp="off" delay="0"/>${more}</network>`;
const subnet = `<ip address="192.168.77.1" netmask="255.255.255.0"><dhcp><range start="192.168.77.2" end="192.168.77.99"/></dhcp></ip>`;
const nic = `<interface type="network"><mac address="${mac}"/><source network="on"/><model type="virtio"/></interface>`;
const domain = (name: string, id: string, source: string): string =>
  `<domain type="qemu"><name>${name}</name><uuid>${id}</uuid><memory unit="MiB">64</memory>
<os><type arch="x86_64" machine="pc">hvm</type></os><devices><interface type="bridge"><source bridge="${source}"/></interface></devices></domain>`;

const device = { domain: vm, xml: nic, live: true, config: false };

/** Actions that libvirt, the kernel or a program refuses; actions of other kinds have values that nothing on a host has. */
const refused: { readonly [C in Call]?: Extract<Action, { readonly call: C }> } = {
  networkDefine: { call: 'networkDefine', xml: network('on', missing, 'r9') },
  networkCreate: { call: 'networkCreate', xml: network('new', missing, 'ron', subnet) },
  networkUndefine: { call: 'networkUndefine', network: missing },
  networkUndefineKeepingLeases: { call: 'networkUndefineKeepingLeases', xml: network('on', missing, 'r9') },
  networkStart: { call: 'networkStart', network: stuck },
  networkDestroy: { call: 'networkDestroy', network: off },
  networkSetAutostart: { call: 'networkSetAutostart', network: transient, autostart: true },
  networkUpdate: {
    call: 'networkUpdate',
    network: on,
    command: 3,
    section: 5,
    parentIndex: -1,
    xml: '<range start="192.168.77.200" end="192.168.77.100"/>',
    flags: 3,
  },
  networkPortCreate: { call: 'networkPortCreate', network: on, xml: '<networkport/>' },
  networkPortDelete: { call: 'networkPortDelete', network: on, port: missing },
  networkSetMetadata: {
    call: 'networkSetMetadata',
    network: missing,
    type: 'title',
    value: 'x',
    live: false,
    config: true,
  },
  filterDefine: { call: 'filterDefine', xml: '<filter name="refused"><rule/></filter>' },
  filterUndefine: { call: 'filterUndefine', filter: missing },
  filterBindingCreate: { call: 'filterBindingCreate', xml: '<filterbinding><portdev name="nosuch"/></filterbinding>' },
  filterBindingDelete: { call: 'filterBindingDelete', portDev: 'nosuch' },
  interfaceDefine: { call: 'interfaceDefine', xml: '<interface type="bridge" name="rnew"/>' },
  interfaceUndefine: { call: 'interfaceUndefine', name: 'rlink' },
  interfaceStart: { call: 'interfaceStart', name: 'rlink' },
  interfaceDestroy: { call: 'interfaceDestroy', name: 'rlink' },
  interfaceTransaction: { call: 'interfaceTransaction', phase: 'begin' },
  domainDefine: { call: 'domainDefine', xml: domain('r1', missing, 'rlink') },
  domainUndefine: { call: 'domainUndefine', domain: missing },
  domainStart: { call: 'domainStart', domain: broken },
  domainShutdown: { call: 'domainShutdown', domain: vm },
  domainDestroy: { call: 'domainDestroy', domain: vm },
  domainReboot: { call: 'domainReboot', domain: vm },
  domainSuspend: { call: 'domainSuspend', domain: vm },
  domainResume: { call: 'domainResume', domain: vm },
  domainSetAutostart: { call: 'domainSetAutostart', domain: missing, autostart: true },
  domainAttachDevice: { call: 'domainAttachDevice', ...device },
  domainUpdateDevice: { call: 'domainUpdateDevice', ...device, live: false, config: true },
  domainDetachDevice: { call: 'domainDetachDevice', ...device, live: false, config: true },
  domainDetachDeviceAlias: { call: 'domainDetachDeviceAlias', domain: vm, alias: 'net9', live: false, config: true },
  domainSetInterfaceRates: {
    call: 'domainSetInterfaceRates',
    domain: vm,
    device: mac,
    inbound: { average: 1, peak: 0, burst: 0 },
    outbound: { average: 0, peak: 0, burst: 0 },
  },
  hostLinks: { call: 'hostLinks', commands: [['link', 'set', 'dev', 'nosuch', 'up']] },
  hostRestore: { call: 'hostRestore', links: { rlink: { master: 'nosuch' } } },
  hostWriteFile: { call: 'hostWriteFile', path: '/dev/null/file', text: 'x', mode: 0o644 },
  hostSetPortVlans: { call: 'hostSetPortVlans', domain: vm, mac, vlans: [] },
  hostLinkVlans: { call: 'hostLinkVlans', link: 'nosuch', self: false, add: [], remove: [7] },
  hostSetDns: { call: 'hostSetDns', dev: 'nosuch', scope: null },
  hostSetNat: {
    call: 'hostSetNat',
    backend: 'iptables',
    // iptables takes no name of 16 characters.
    rules: { forwards: [], sources: [{ family: 'ipv4', subnet: '10.0.0.0/8', dev: 'a'.repeat(16) }] },
  },
  hostSysctl: { call: 'hostSysctl', name: 'net.ipv4.conf.nosuch.route_localnet', value: '1' },
  hostSetMaster: { call: 'hostSetMaster', link: 'nosuch', master: 'ron' },
  hostEndLease: { call: 'hostEndLease', network: missing, server: '192.0.2.1', mac, address: '192.0.2.2' },
  hostEndDnsmasq: { call: 'hostEndDnsmasq', network: on, name: 'on' },
  hostDeleteBridge: { call: 'hostDeleteBridge', network: on, bridge: 'ron', mac },
  hostDeleteRules: { call: 'hostDeleteRules', network: on, bridge: 'ron', subnets: [], only: 'all' },
};

/** No name of a thing has a slash, and no path leads below a device. */
const nonsense: Readonly<Record<FieldType, unknown>> = {
  ...{ string: '/dev/null/nosuch', boolean: true, number: 0, list: [], object: {}, any: null },
};

function refusedOf(call: Call): Action {
  const fields: Readonly<Record<string, FieldType>> = rowOf({ call }).fields;
  const entries = Object.entries(fields).map(([key, type]) => [key, nonsense[type]]);
  return refused[call] ?? Object.fromEntries([['call', call], ...entries]);
}

onPrivateHost('a step that is refused', () => {
  let connection: Connection;

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'rlink', 'type', 'bridge']);
    const networks: readonly (readonly [string, string, ...string[]])[] = [
      [network('on', on, 'ron', subnet), 'net-define', 'net-start on'],
      [network('off', off, 'roff'), 'net-define'],
      [network('transient', transient, 'rtrans'), 'net-create'],
      [network('stuck', stuck, 'rlink'), 'net-define'],
      [network('witness', witness, 'rwit'), 'net-define'],
    ];
    for (const [xml, command, then] of networks) {
      await virshWith(xml, command, 'FILE');
      if (then !== undefined) await virsh(then);
    }
    await virshWith(domain('r1', vm, 'rlink'), 'define', 'FILE');
    await virshWith(domain('r2', broken, 'nosuch'), 'define', 'FILE');
    connection = await connect('qemu:///system');
  });
  afterEach(async () => {
    // For a test that failed.
    await virsh('net-autostart', 'witness', '--disable');
  });
  afterAll(async () => {
    await connection.close();
    for (const name of ['r1', 'r2']) await virsh('undefine', name);
    await removeNetworks();
    await run('ip', ['link', 'delete', 'dev', 'rlink']);
  });

  /** Results of the step and of its undo: neither may happen. */
  const isWitnessed: Expectation = { expect: 'network', network: witness, autostart: true };

  async function refusal(action: Action): Promise<KvmnetError> {
    // Links, files and limits are restored whatever the error, because half of it may be done.
    const undo: readonly Action[] = /^(host|domainSetInterfaceRates$)/.test(action.call)
      ? []
      : [{ call: 'networkSetAutostart', network: witness, autostart: true }];
    const step = { title: 'the step', do: action, undo, verify: isWitnessed };
    const plan = { title: 'refused', steps: [step], warnings: [], consent: [] };
    return change(() => Promise.resolve(plan), {
      connection,
      command: `refused ${action.call}`,
      lockTimeout: 60_000,
      consent: () => Promise.resolve(),
    }).then(
      () => {
        throw new Error(`${action.call} was not refused`);
      },
      (error: unknown) => error as KvmnetError,
    );
  }

  describe.each(calls.map(refusedOf))('$call', (action) => {
    it('changes nothing, reports it, and does not block the next command', async () => {
      const before = await snapshot();
      const error = await refusal(action);
      expect(error).toBeInstanceOf(KvmnetError);
      expect(error.code).not.toBe('PARTIAL');
      expect(error.message.split('\n')[0]).toMatch(/(nothing was changed|everything is as before)$/);
      await expectUnchanged(before);
      expect(await journalFiles()).not.toContainEqual(expect.stringMatching(/\.(running|partial|abandoned)\./));
      expect(await kvmnet(['net', 'autostart', 'off'])).toMatchObject({ status: 0, stderr: '' });
      expect(await kvmnet(['net', 'autostart', 'off', '--disable'])).toMatchObject({ status: 0, stderr: '' });
    });
  });
});
