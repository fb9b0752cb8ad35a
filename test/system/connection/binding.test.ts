import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Connection, type ConsoleEvent, type EventRecord } from 'kvmnet';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { declaredFunctions } from '../../../dist/libvirt/ffi/ffi.js';
import '../../../dist/libvirt/procedures.js';
import '../../../dist/libvirt/events.js';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { must, virsh, virshWith } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';
import { found, uuid, xml, mac, nic, refusal } from './bound.ts';

onPrivateHost('the binding', () => {
  const called = new Set<string>();
  const events: EventRecord[] = [];
  let qemu: Connection;
  let test: Connection;
  let guest: Guest;

  beforeAll(async () => {
    const options = { onCall: (name: string) => called.add(name) };
    qemu = await connect('qemu:///system', { ...options, onEvent: (event) => events.push(event) });
    test = await connect('test:///default', options);
    const looking = await connect('qemu:///system', { ...options, readOnly: true });
    expect(await refusal(looking.call('networkDefine', { xml }))).toMatchObject({ code: 'PERMISSION' });
    await looking.close();
  });

  afterAll(async () => {
    await guest.remove();
    await qemu.close();
    await test.close();
  });

  it('describes the connection and its node', async () => {
    expect(await qemu.call('describe')).toMatchObject({ uri: 'qemu:///system', hypervisor: 'QEMU' });
    expect((await qemu.call('describe')).libvirtVersion).toBe(await qemu.call('getClientVersion'));
    expect(await qemu.call('isAlive')).toBe(true);
    expect((await qemu.call('nodeInfo')).cpus).toBeGreaterThan(0);
  });

  it('defines, starts, updates, marks, reads, stops and undefines networks, and hears of it', async () => {
    await qemu.call('networkDefine', { xml, validate: true });
    await qemu.call('networkDefine', { xml });
    await qemu.call('networkSetAutostart', { network: uuid, autostart: true });
    await qemu.call('networkStart', { network: 'bound' });
    const host = "<host mac='52:54:00:00:b1:09' ip='192.168.210.9'/>";
    await qemu.call('networkUpdate', { network: uuid, command: 3, section: 4, parentIndex: -1, xml: host, flags: 3 });
    const [record] = await qemu.call('listNetworks', { leases: true });
    expect(record).toMatchObject({ name: 'bound', uuid, active: true, persistent: true, autostart: true, leases: [] });
    expect(record?.inactiveXml).toContain('192.168.210.9');
    expect(await qemu.call('getNetwork', { network: 'bound' })).toEqual({ ...record, leases: undefined });
    expect(await qemu.call('networkBridge', { network: uuid })).toBe('bound0');
    expect(await qemu.call('listNetworkLeases', { network: uuid, mac: undefined })).toEqual([]);
    const lease = {
      'ip-address': '192.168.210.7',
      'mac-address': mac,
      'expiry-time': 4_000_000_000,
      hostname: 'seven',
    };
    // The file that dnsmasq's helper writes when a guest has requested an address.
    await writeFile('/var/lib/libvirt/dnsmasq/bound0.status', JSON.stringify([lease]));
    expect(await qemu.call('listNetworkLeases', { network: uuid, mac: undefined })).toMatchObject([
      { address: '192.168.210.7', prefix: 24, mac, expires: 4_000_000_000, hostname: 'seven', family: 'ipv4' },
    ]);
    await waitFor('the event of the start', () =>
      events.some(({ object, event }) => object === 'network' && event === 'started'),
    );
  });

  it('makes, lists, reads and deletes network ports', async () => {
    const portXml = `<networkport><uuid>${uuid.replace(/1$/, '3')}</uuid><owner><name>x</name><uuid>${uuid}</uuid></owner><mac address='${mac}'/></networkport>`;
    const port = await qemu.call('networkPortCreate', { network: uuid, xml: portXml });
    expect(await qemu.call('listNetworkPorts', { network: uuid })).toMatchObject([{ uuid: port }]);
    expect((await qemu.call('getNetworkPort', { network: uuid, port })).xml).toContain(mac);
    await qemu.call('networkPortDelete', { network: uuid, port });
    expect(await qemu.call('listNetworkPorts', { network: uuid })).toEqual([]);
  });

  it('makes and removes transient networks', async () => {
    const transient = xml
      .replaceAll('bound', 'passing')
      .replace(uuid, uuid.replace(/1$/, '2'))
      .replaceAll('210', '211');
    await qemu.call('networkCreate', { xml: transient });
    expect(await qemu.call('getNetwork', { network: 'passing' })).toMatchObject({ active: true, persistent: false });
    await qemu.call('networkDestroy', { network: 'passing' });
    await qemu.call('networkCreate', { xml: transient, validate: true });
    await qemu.call('networkDestroy', { network: 'passing' });
    expect(await refusal(qemu.call('getNetwork', { network: 'passing' }))).toEqual({
      code: 'NOTFOUND',
      libvirt: 43,
      function: 'virNetworkLookupByName',
    });
  });

  it('attaches NICs, changes them, reads their addresses and counters, and detaches them', async () => {
    guest = await makeGuestWithoutSystem('bound-guest');
    const [domain] = await qemu.call('listDomains');
    expect(domain).toMatchObject({ name: 'bound-guest', active: true, state: 'running' });
    const key = { domain: domain?.uuid ?? '' };
    expect(await qemu.call('getDomain', { domain: String(domain?.id) })).toEqual(domain);
    expect(await qemu.call('getDomain', { domain: 'bound-guest' })).toEqual(domain);
    await qemu.call('domainAttachDevice', { ...key, xml: nic('up'), live: true, config: true });
    await qemu.call('domainUpdateDevice', { ...key, xml: nic('down'), live: false, config: true });
    expect(await found(qemu, key.domain)).toEqual([0, 1]);
    expect(await qemu.call('domainSecureXml', key)).toContain("state='down'");
    expect(await qemu.call('domainAddresses', { ...key, source: 'lease' })).toMatchObject([
      { mac, addresses: [{ address: '192.168.210.7' }] },
    ]);
    const [counted] = await qemu.call('getInterfaceStats', { ...key, devices: [mac] });
    expect(counted?.counters).toMatchObject({ rxBytes: expect.any(Number) as unknown });
    await qemu.call('domainDetachDevice', { ...key, xml: nic('down'), live: false, config: true });
    expect(await qemu.call('domainXml', { ...key, inactive: true })).not.toContain(mac);
    const none = { average: 0, peak: 0, burst: 0 };
    await qemu.call('domainSetInterfaceRates', { ...key, device: mac, inbound: none, outbound: none });
    const aliased = { ...key, alias: 'net0', live: true, config: false };
    await qemu.call('domainDetachDeviceAlias', aliased);
    expect(await refusal(qemu.call('domainDetachDeviceAlias', { ...aliased, alias: 'ua-nosuch' }))).toMatchObject({
      function: 'virDomainDetachDeviceAlias',
    });
  });

  it('defines, starts, stops and undefines domains, and reports their events', async () => {
    const domain = 'bound-guest';
    const definition = await qemu.call('domainXml', { domain, inactive: true });
    await qemu.call('domainShutdown', { domain });
    await qemu.call('domainDestroy', { domain });
    await qemu.call('domainStart', { domain });
    await qemu.call('domainDestroy', { domain });
    await qemu.call('domainUndefine', { domain });
    await qemu.call('domainDefine', { xml: definition });
    expect(await qemu.call('getDomain', { domain })).toMatchObject({ active: false, state: 'shut off', id: undefined });
    const told = (): string[] => events.map(({ object, event }) => `${object} ${event}`);
    const expected = ['device added', 'domain started', 'domain stopped', 'domain undefined'];
    await waitFor('the events of the domain', () => expected.every((event) => told().includes(event)));
  });

  it('reads whole domains and their host, and changes their state', async () => {
    const key = { domain: 'bound-guest' };
    const definition = await qemu.call('domainXml', { ...key, inactive: true });
    await qemu.call('domainSetAutostart', { ...key, autostart: true });
    expect(await qemu.call('getDomain', key)).toMatchObject({ autostart: true });
    await qemu.call('domainStart', { ...key, flags: 1 });
    expect(await qemu.call('getDomainState', key)).toMatchObject({ state: 'paused' });
    await qemu.call('domainResume', key);
    expect(await qemu.call('getDomainState', key)).toMatchObject({ state: 'running' });
    await qemu.call('domainSuspend', key);
    expect(await qemu.call('getDomainInfo', key)).toMatchObject({
      osType: 'hvm',
      state: 'paused',
      hasManagedSave: false,
    });
    expect(await qemu.call('getDomainMessages', key)).toEqual(expect.any(Array));
    expect(await qemu.call('getDomainXml', { ...key, flags: 2 })).toContain('<name>bound-guest</name>');
    await qemu.call('domainResume', key);
    await qemu.call('domainReboot', { ...key, flags: 0 });
    await qemu.call('domainShutdown', { ...key, flags: 1 });
    await qemu.call('domainDestroy', { ...key, flags: 1 });
    await qemu.call('domainUndefine', { ...key, flags: 1 });
    expect(await refusal(qemu.call('getDomain', key))).toMatchObject({ code: 'NOTFOUND' });
    for (const validate of [false, true])
      expect(await qemu.call('domainDefine', { xml: definition, validate })).toBe('bound-guest');
    expect(await qemu.call('getHostname')).toBe(hostname());
    expect(await qemu.call('getHypervisorVersion')).toBeGreaterThan(1_000_000);
    // The test driver has a security model, and no messages.
    expect((await test.call('getDomainInfo', { domain: 'test' })).security).toMatchObject({ model: 'testSecurity' });
    expect(await test.call('getDomainMessages', { domain: 'test' })).toEqual([]);
  });

  it('reads the snapshots and the saved memory of domains', async () => {
    const domain = 'bound-guest';
    expect(await qemu.call('listSaved')).toEqual([]);
    const definition = await qemu.call('domainXml', { domain, inactive: true });
    const snapshot = `<domainsnapshot><name>first</name><state>shutoff</state><creationTime>1700000000</creationTime><memory snapshot='no'/>${definition}</domainsnapshot>`;
    await virshWith(snapshot, 'snapshot-create', domain, '--xmlfile', 'FILE', '--redefine');
    await qemu.call('domainStart', { domain });
    await virsh('managedsave', domain);
    expect(await qemu.call('listSaved')).toEqual([
      { domain, kind: 'snapshot', xml: expect.stringMatching(/^<domainsnapshot>\s*<name>first</) },
      { domain, kind: 'managed save', xml: expect.stringMatching(/^<domain type='qemu'/) },
    ]);
    expect(await qemu.call('getDomainKept', { domain })).toEqual({ managedSave: true, snapshots: 1, checkpoints: 0 });
    await virsh('managedsave-remove', domain);
    await virsh('snapshot-delete', domain, 'first', '--metadata');
    // Containers have neither.
    const lxc = await connect('lxc:///system');
    expect(await lxc.call('listSaved')).toEqual([]);
    await lxc.close();
  });

  it('reads the invented addresses and host interfaces of the test driver, changes them, and rolls back', async () => {
    expect(await test.call('domainAddresses', { domain: 'test', source: 'lease' })).toMatchObject([
      { addresses: [{ family: 'ipv4' }] },
    ]);
    expect(await test.call('listInterfaces')).toMatchObject([{ name: 'eth1' }]);
    expect(await test.call('getInterface', { name: 'eth1' })).toMatchObject({ mac: 'aa:bb:cc:dd:ee:ff' });
    expect(await test.call('getInterface', { name: 'aa:bb:cc:dd:ee:ff' }).catch(() => 'by name only')).toBeDefined();
    const eth1 = await test.call('interfaceXml', { name: 'eth1', inactive: false });
    await test.call('interfaceTransaction', { phase: 'begin' });
    await test.call('interfaceDestroy', { name: 'eth1' });
    await test.call('interfaceUndefine', { name: 'eth1' });
    await test.call('interfaceTransaction', { phase: 'rollback' });
    await test.call('interfaceTransaction', { phase: 'begin' });
    await test.call('interfaceDefine', { xml: eth1 });
    await test.call('interfaceTransaction', { phase: 'commit' });
    await test.call('interfaceStart', { name: 'eth1' });
    expect(await refusal(test.call('interfaceStart', { name: 'eth1' }))).toMatchObject({ libvirt: 55 });
  });

  it('defines, reads and undefines filters and their bindings', async () => {
    const filter = "<filter name='bound-filter' chain='root'><rule action='accept' direction='inout'/></filter>";
    await qemu.call('filterDefine', { xml: filter });
    await qemu.call('filterDefine', {
      xml: (await qemu.call('getFilter', { filter: 'bound-filter' })).xml,
      validate: true,
    });
    const found = (await qemu.call('listFilters')).find(({ name }) => name === 'bound-filter');
    expect(await qemu.call('getFilter', { filter: found?.uuid ?? '' })).toMatchObject({ name: 'bound-filter' });
    await must('ip', ['tuntap', 'add', 'dev', 'boundtap', 'mode', 'tap']);
    const binding = `<filterbinding><owner><name>x</name><uuid>${uuid}</uuid></owner><portdev name='boundtap'/><mac address='${mac}'/><filterref filter='bound-filter'/></filterbinding>`;
    await qemu.call('filterBindingCreate', { xml: binding });
    expect(await qemu.call('listFilterBindings')).toMatchObject([{ portDev: 'boundtap' }]);
    expect((await qemu.call('getFilterBinding', { portDev: 'boundtap' })).xml).toContain('bound-filter');
    await qemu.call('filterBindingDelete', { portDev: 'boundtap' });
    await must('ip', ['link', 'delete', 'dev', 'boundtap']);
    await qemu.call('filterUndefine', { filter: 'bound-filter' });
  });

  it('selects parts of XML as libvirt does', async () => {
    const document = await qemu.call('getNetworkXml', { network: uuid, inactive: true });
    expect(await qemu.call('getXmlNodes', { xml: document, xpath: 'name', wrap: false })).toEqual([
      '<name>bound</name>',
    ]);
    expect(await qemu.call('getXmlNodes', { xml: document, xpath: 'name', wrap: true })).toEqual([
      expect.stringContaining('<nodes>'),
    ]);
    expect(await refusal(qemu.call('getXmlNodes', { xml: document, xpath: '][', wrap: false }))).toMatchObject({
      code: 'INPUT',
    });
  });

  it('names the call that needs a newer libvirt, or sets the metadata', async () => {
    const key = { network: uuid, type: 'title', live: false, config: true } as const;
    const { libvirtVersion } = await qemu.call('describe');
    const set = qemu.call('networkSetMetadata', { ...key, value: 'a title' });
    if (libvirtVersion >= 9_007_000) await set;
    else expect(await refusal(set)).toMatchObject({ code: 'DEPENDENCY' });
    const get = qemu.call('getNetworkMetadata', key);
    if (libvirtVersion >= 9_007_000) expect(await get).toBe('a title');
    else expect(await refusal(get)).toMatchObject({ code: 'DEPENDENCY' });
  });

  it('opens a console, sends to it, hears what the guest writes, and leaves it', async () => {
    const speaker = await makeGuestWithoutSystem('bound-speaker', { terminal: true });
    const heard: ConsoleEvent[] = [];
    const kinds = (): readonly string[] => heard.map(({ kind }) => kind);
    const talking = await connect('qemu:///system', {
      onCall: (name) => called.add(name),
      onConsole: (event) => heard.push(event),
    });
    try {
      const console = { domain: 'bound-speaker', force: true };
      expect(await refusal(talking.call('consoleOpen', { ...console, device: 'nosuch' }))).toMatchObject({
        function: 'virDomainOpenConsole',
      });
      await talking.call('consoleOpen', console);
      await talking.call('consoleSend', { bytes: Buffer.from('x') });
      await waitFor('the byte to be sent', () => kinds().includes('sent'));
      await talking.call('consoleTake', { bytes: 0 });
      await talking.call('consoleClose');
      await talking.call('consoleOpen', console);
      await speaker.remove();
      await waitFor('the end of the guest', () => kinds().includes('end'));
      expect(heard.at(-1)).toEqual({ kind: 'end', error: undefined });
    } finally {
      await talking.call('consoleClose');
      await talking.close();
      await speaker.remove();
    }
  });

  it('ends with nothing left', async () => {
    await qemu.call('networkDestroy', { network: uuid });
    await qemu.call('networkUndefine', { network: uuid });
    expect(await qemu.call('listNetworks', {})).toEqual([]);
  });

  describe('every C function that it declares', () => {
    it('was called by a test above', async () => {
      // Closing is what ends the watch.
      await qemu.close();
      qemu = await connect('qemu:///system');
      const { libvirtVersion } = await qemu.call('describe');
      const absent = libvirtVersion < 9_007_000 ? ['virNetworkGetMetadata', 'virNetworkSetMetadata'] : [];
      expect([...new Set(declaredFunctions)].filter((name) => !called.has(name))).toEqual(absent);
    });
  });
});
