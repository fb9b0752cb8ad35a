import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, isLibvirtError, KvmnetError, LibvirtError } from 'kvmnet';
import { createServer, type Server, type Socket } from 'node:net';
import { expectWithin } from '../helpers/figure.ts';
import { kvmnet } from '../helpers/host.ts';

/** The error that opening a URI ends with. */
async function failure(uri: string, timeout?: number): Promise<KvmnetError> {
  const error = await connect(uri, { timeout }).then(
    async (connection) => {
      await connection.close();
      throw new Error(`${uri} was opened`);
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KvmnetError);
  return error as KvmnetError;
}

describe('50 connections that fail, opened at once', () => {
  it('each report their own error', async () => {
    const uris = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0 ? `qemu+tcp://127.0.0.1:${index + 1}/system` : `qemu+unix:///system?socket=/nonexistent/${index}`,
    );
    const errors = await Promise.all(uris.map((uri) => failure(uri)));
    for (const [index, error] of errors.entries()) {
      const place = index % 2 === 0 ? `'127.0.0.1:${index + 1}'` : `'/nonexistent/${index}'`;
      expect(error).toMatchObject({ code: 'CONNECT', hint: expect.any(String) as unknown });
      expect(error.message).toContain(uris[index]);
      expect(error.message).toContain(place);
      expect(error).toBeInstanceOf(LibvirtError);
      expect(isLibvirtError(error, 'VIR_ERR_SYSTEM_ERROR')).toBe(true);
    }
  });
});

describe('an error of libvirt', () => {
  it('keeps its class and all fields of virError across the threads', async () => {
    const connection = await connect('test:///default');
    const error: unknown = await connection
      .call('networkStart', { network: 'nowhere' })
      .catch((reason: unknown) => reason);
    await connection.close();
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toMatchObject({
      code: 'NOTFOUND',
      virError: { function: 'virNetworkLookupByName', code: 43, domain: 12, level: 2, int1: -1, int2: -1, str3: null },
    });
    expect((error as LibvirtError).virError.message).toContain("'nowhere'");
    expect(isLibvirtError(new Error('outer', { cause: error }), 'VIR_ERR_NO_NETWORK')).toBe(true);
    expect(isLibvirtError(error, 'VIR_ERR_NO_DOMAIN')).toBe(false);
  });
});

describe('a host that accepts connections and never answers', () => {
  const sockets = new Set<Socket>();
  let server: Server;
  let uri: string;

  beforeAll(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    uri = `qemu+tcp://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/system`;
  });

  afterAll(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });

  it('ends the command at its deadline with one sentence and a hint', async () => {
    const started = performance.now();
    const { stdout, stderr, status } = await kvmnet(['-c', uri, '--timeout', '1', 'net', 'list']);
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toMatch(/^error: qemu\+tcp:\S+ did not answer within 1 s\nhint: .*\n$/);
    expectWithin('net list from a daemon that is silent, --timeout 1', (performance.now() - started) / 1000, 8);
  });

  it('does not delay other connections', async () => {
    const silent = failure(uri, 2_000);
    const connection = await connect('test:///default');
    expect(await connection.call('isAlive')).toBe(true);
    await connection.close();
    expect(await silent).toMatchObject({ code: 'TIMEOUT' });
    sockets.forEach((socket) => socket.destroy());
  });
});

describe('a URI', () => {
  it.each([
    ['no scheme at all', ['-c', 'foo', 'net', 'list'], '"foo" is not a libvirt URI'],
    ['a program that it would start', ['-c', 'qemu+ssh://h/system?command=/bin/sh', 'net', 'list'], 'starts a program'],
    ['a transport that is a program', ['-c', 'qemu+ext://h/system', 'net', 'list'], 'starts a program'],
  ])('with %s is refused before anything is opened', async (_name, args, sentence) => {
    const { stdout, stderr, status } = await kvmnet(args);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^hint: /m);
  });
});
