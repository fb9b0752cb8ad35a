import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, KvmnetError, LibvirtError, type Connection, type EventRecord } from 'kvmnet';
import { randomUUID } from 'node:crypto';
import { must, root, run } from '../helpers/host.ts';
import { waitFor } from '../helpers/wait.ts';

const uri = 'test:///default';
const escaped = (text: string): string => text.replace(/[&<>'"]/g, (character) => `&#${character.charCodeAt(0)};`);
const networkXml = (name: string, more = ''): string =>
  `<network><name>${escaped(name)}</name>${more}<bridge name='virbr77'/></network>`;

async function failure(call: Promise<unknown>): Promise<KvmnetError> {
  const error: unknown = await call.then(
    (value) => {
      throw new Error(`it succeeded: ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KvmnetError);
  return error as KvmnetError;
}

describe('the binding', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect(uri);
  });
  afterAll(() => connection.close());

  it.each([
    ['blanks', ' two  words '],
    ['quotes', `it's "quoted"`],
    ["XML's characters", '<a>&amp;]]>'],
    ['letters of the world', 'сеть-网络-ñ-🌉'],
    ['the look of options', '--all'],
    ['200 characters', 'n'.repeat(200)],
  ])('finds a network whose name has %s, and names it as it is', async (_what, name) => {
    await connection.call('networkDefine', { xml: networkXml(name) });
    const { uuid, ...found } = await connection.call('getNetwork', { network: name });
    expect(found).toMatchObject({ name, active: false, persistent: true, autostart: false });
    expect((await connection.call('listNetworks', {})).map((network) => network.name)).toContain(name);
    await connection.call('networkUndefine', { network: uuid });
    expect(await failure(connection.call('getNetwork', { network: name }))).toMatchObject({ code: 'NOTFOUND' });
  });

  it('finds a network by its UUID, also where another bears that as its name', async () => {
    const uuid = randomUUID();
    await connection.call('networkDefine', { xml: networkXml('owner', `<uuid>${uuid}</uuid>`) });
    await connection.call('networkDefine', { xml: networkXml(uuid) });
    expect(await connection.call('getNetwork', { network: uuid })).toMatchObject({ name: 'owner' });
    const other = (await connection.call('listNetworks', {})).find(({ name }) => name === uuid);
    for (const network of [uuid, other?.uuid ?? '']) await connection.call('networkUndefine', { network });
  });

  it('finds a domain by its number before its name, as virsh does', async () => {
    await connection.call('domainDefine', {
      xml: "<domain type='test'><name>1</name><memory>1024</memory><os><type>hvm</type></os></domain>",
    });
    expect(await connection.call('getDomain', { domain: '1' })).toMatchObject({ name: 'test', id: 1, active: true });
    const named = (await connection.call('listDomains')).find(({ name }) => name === '1');
    expect(named).toMatchObject({ active: false, id: undefined, state: 'shut off', persistent: true });
    await connection.call('domainUndefine', { domain: named?.uuid ?? '' });
  });

  it('carries a document of a megabyte in both directions', async () => {
    const text = 'ä'.repeat(500_000);
    await connection.call('networkDefine', {
      xml: networkXml('huge', `<metadata><x:y xmlns:x='http://x'>${text}</x:y></metadata>`),
    });
    expect((await connection.call('getNetwork', { network: 'huge' })).xml).toContain(text);
    await connection.call('networkUndefine', { network: 'huge' });
  });

  it('distinguishes a transient network from a persistent one', async () => {
    await connection.call('networkCreate', { xml: networkXml('passing') });
    expect(await connection.call('getNetwork', { network: 'passing' })).toMatchObject({
      ...{ active: true, persistent: false, autostart: false, inactiveXml: undefined },
    });
    await connection.call('networkDestroy', { network: 'passing' });
    expect(await failure(connection.call('networkStart', { network: 'passing' }))).toMatchObject({ code: 'NOTFOUND' });
  });

  it('answers calls in the order in which they were made', async () => {
    const answered: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        await connection.call(index % 2 === 0 ? 'describe' : 'isAlive');
        answered.push(index);
      }),
    );
    expect(answered).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it.each([
    ['virNetworkListAllPorts', (of: Connection) => of.call('listNetworkPorts', { network: 'default' })],
    [
      'virNetworkPortCreateXML',
      (of: Connection) => of.call('networkPortCreate', { network: 'default', xml: '<networkport/>' }),
    ],
    [
      'virNetworkGetDHCPLeases',
      (of: Connection) => of.call('listNetworkLeases', { network: 'default', mac: undefined }),
    ],
    ['virConnectListAllNWFilters', (of: Connection) => of.call('listFilters')],
    [
      'virDomainUpdateDeviceFlags',
      (of: Connection) =>
        of.call('domainUpdateDevice', { domain: 'test', xml: '<interface/>', live: true, config: false }),
    ],
  ])("reports that the driver does not support %s, with libvirt's whole error", async (name, call) => {
    const error = await failure(call(connection));
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toMatchObject({
      code: 'DEPENDENCY',
      virError: {
        ...{ function: name, code: 3, level: 2, int1: -1, int2: -1, str3: null },
        ...{ domain: expect.any(Number), str1: expect.any(String), str2: name },
        message: `this function is not supported by the connection driver: ${name}`,
      },
      details: { libvirt: { function: name, code: 3 } },
    });
  });
});

describe('a connection for looking', () => {
  it('has every change refused by libvirt, and nothing is changed', async () => {
    const looking = await connect(uri, { readOnly: true });
    const network = { network: 'default' };
    const domain = { domain: 'test' };
    const device = { ...domain, xml: '<interface/>', live: true, config: true };
    const changes = [
      looking.call('networkDefine', { xml: networkXml('x') }),
      looking.call('networkDefine', { xml: networkXml('x'), validate: true }),
      looking.call('networkCreate', { xml: networkXml('x') }),
      looking.call('networkStart', network),
      looking.call('networkDestroy', network),
      looking.call('networkUndefine', network),
      looking.call('networkSetAutostart', { ...network, autostart: true }),
      looking.call('networkUpdate', { ...network, command: 3, section: 4, parentIndex: -1, xml: '<host/>', flags: 0 }),
      looking.call('networkPortCreate', { ...network, xml: '<networkport/>' }),
      looking.call('domainDefine', { xml: '<domain/>' }),
      looking.call('domainStart', domain),
      looking.call('domainShutdown', domain),
      looking.call('domainDestroy', domain),
      looking.call('domainUndefine', domain),
      looking.call('domainAttachDevice', device),
      looking.call('domainUpdateDevice', device),
      looking.call('domainDetachDevice', device),
      looking.call('domainDetachDeviceAlias', { ...domain, alias: 'net0', live: true, config: true }),
      looking.call('domainSecureXml', domain),
    ];
    const refusals = await Promise.all(changes.map(failure));
    expect(refusals.map(({ code }) => code)).toEqual(changes.map(() => 'PERMISSION'));
    expect((await looking.call('listNetworks', {})).map(({ name, active }) => [name, active])).toEqual([
      ['default', true],
    ]);
    expect(await looking.call('getDomain', domain)).toMatchObject({ active: true });
    await looking.close();
  });
});

describe('events', () => {
  it('report a network as defined, started, stopped and undefined, in that order, until the connection is closed', async () => {
    const events: EventRecord[] = [];
    const watching = await connect(uri, { onEvent: (event) => events.push(event) });
    const names = (): readonly string[] => events.map(({ name, event }) => `${name} ${event}`);
    const walk = async (of: Connection, name: string): Promise<void> => {
      await of.call('networkDefine', { xml: networkXml(name) });
      await of.call('networkStart', { network: name });
      await of.call('networkDestroy', { network: name });
      await of.call('networkUndefine', { network: name });
    };
    await walk(watching, 'seen');
    await waitFor('the last event', () => names().includes('seen undefined'));
    expect(names()).toEqual(['seen defined', 'seen started', 'seen stopped', 'seen undefined']);
    expect(events[0]).toMatchObject({ object: 'network', uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown });
    await watching.close();
    const other = await connect(uri);
    await walk(other, 'unseen');
    await other.close();
    expect(names()).toHaveLength(4);
  });

  it('report domains too', async () => {
    const events: EventRecord[] = [];
    const watching = await connect(uri, { onEvent: (event) => events.push(event) });
    await watching.call('domainDestroy', { domain: 'test' });
    await watching.call('domainStart', { domain: 'test' });
    const told = (): readonly string[] => events.map(({ object, name, event }) => `${object} ${name} ${event}`);
    await waitFor('both', () => ['stopped', 'started'].every((event) => told().includes(`domain test ${event}`)), {
      seconds: 5,
    });
    await watching.close();
  });
});

describe('a connection that is closed', () => {
  it('can be closed again, and answers every call at once with CONNECT', async () => {
    const connection = await connect(uri);
    const [inFlight] = await Promise.all([connection.call('isAlive'), connection.close(), connection.close()]);
    expect(inFlight).toBe(true);
    await connection.close();
    const error = await failure(connection.call('describe'));
    expect(error).toMatchObject({ code: 'CONNECT', message: `the connection to ${uri} is closed` });
    expect(connection.hung).toBe(false);
  });

  it.each([
    ['', '{}'],
    [' for events', '{ onEvent() {} }'],
    [' for looking', '{ readOnly: true }'],
    [' with a trace', '{ onCall() {} }'],
  ])('%s keeps no process alive, and prints nothing', async (_what, options) => {
    const script = `import { connect } from ${JSON.stringify(`${root}dist/index.js`)};
      const connection = await connect('${uri}', ${options});
      await connection.call('networkStart', { network: 'nowhere' }).catch(() => undefined);
      await connection.close();`;
    expect(await must(process.execPath, ['--input-type=module', '-e', script])).toBe('');
  });

  it.each([
    ['leaves its thread to the next one', '{}'],
    ['leaves its thread to the next one, even if it could not be opened', '{}', 'test:///nosuch.xml'],
    ['ends its thread if it had events', '{ onEvent() {} }'],
  ])('%s', async (_what, options, first = uri) => {
    const script = `import { connect } from ${JSON.stringify(`${root}dist/index.js`)};
      import { readdirSync } from 'node:fs';
      const threads = () => readdirSync('/proc/self/task').length;
      const counts = [];
      for (const each of ['${first}', '${uri}', '${uri}', '${uri}']) {
        const connection = await connect(each, ${options}).catch(() => undefined);
        if (connection && !(await connection.call('isAlive'))) throw new Error('it does not answer');
        counts.push(threads());
        await connection?.close();
      }
      console.log(counts.every((count) => count === counts[0]), threads() <= counts[0]);`;
    expect(await must(process.execPath, ['--input-type=module', '-e', script])).toBe('true true\n');
  });

  it('does not keep a process alive that could not open it', async () => {
    const script = `import { connect } from ${JSON.stringify(`${root}dist/index.js`)};
      await connect('qemu+tcp://127.0.0.1:1/system').catch((error) => console.log(error.code));`;
    expect(await must(process.execPath, ['--input-type=module', '-e', script])).toBe('CONNECT\n');
  });

  it.each([
    ['comes to its end', '', [200], 0],
    ['calls process.exit', 'process.exit(3);', [200], 3],
    ['comes to its end while libvirt is still being loaded', '', [45, 55, 65, 75, 85, 95], 0],
  ])('does not keep a process alive that hangs and %s', async (_what, end, timeouts, expected) => {
    const script = `import { connect } from ${JSON.stringify(`${root}dist/index.js`)};
      import { createServer } from 'node:net';
      const server = createServer((socket) => socket.unref()).listen(0, '127.0.0.1').unref();
      server.once('listening', async () => {
        const uri = \`qemu+tcp://127.0.0.1:\${server.address().port}/system\`;
        await connect(uri, { timeout: Number(process.argv[1]) }).catch((error) => console.log(error.code));
        ${end}
      });`;
    for (const timeout of timeouts) {
      const outcome = await run(process.execPath, ['--input-type=module', '-e', script, String(timeout)]);
      expect(outcome).toEqual({ stdout: 'TIMEOUT\n', stderr: '', status: expected });
    }
  });
});
