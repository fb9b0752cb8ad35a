import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { listenFor, loopback, type LocalPort } from '../../../src/host/tunnel.ts';

describe('a local port', () => {
  const servers: Server[] = [];
  const tunnels: LocalPort[] = [];

  afterEach(() => {
    tunnels.splice(0).forEach(({ close }) => {
      close();
    });
    servers.splice(0).forEach((server) => server.close());
  });

  /** A server, and a local port that leads to it. */
  async function tunnelTo(answer: (socket: Socket) => void): Promise<LocalPort> {
    const server = createServer({ allowHalfOpen: true }, answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
    const { port } = server.address() as AddressInfo;
    const tunnel = await listenFor({ address: loopback, port }, 0);
    tunnels.push(tunnel);
    return tunnel;
  }

  /** All that comes until the other side closes; `-` if it breaks off before it answers. */
  const ask = (port: number, text: string): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connect({ host: loopback, port, allowHalfOpen: true });
      socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
      socket
        .on('error', () => undefined)
        .once('close', () => {
          resolve(answer || '-');
        });
      socket.once('end', () => socket.end());
      socket.end(text);
    });

  /** Answers with the length of the question, once it has ended. */
  const count = (socket: Socket): void => {
    let length = 0;
    socket.on('data', (part) => (length += part.length)).once('end', () => socket.end(String(length)));
  };

  it('passes on the end of one side while the other one still answers', async () => {
    const { port } = await tunnelTo(count);
    expect(await ask(port, 'question')).toBe('8');
    expect(await Promise.all([ask(port, 'a'.repeat(3_000_000)), ask(port, ''), ask(port, 'b')])).toEqual([
      ...['3000000', '0', '1'],
    ]);
  });

  it('passes on all of a long answer', async () => {
    const { port } = await tunnelTo((socket) => socket.resume().end('x'.repeat(3_000_000)));
    expect((await ask(port, '')).length).toBe(3_000_000);
  });

  it('closes a connection that its target refuses or breaks off', async () => {
    const { port } = await tunnelTo((socket) => socket.destroy());
    expect(await ask(port, 'question')).toBe('-');
    const dead = await listenFor({ address: loopback, port: 1 }, 0);
    tunnels.push(dead);
    expect(await ask(dead.port, 'question')).toBe('-');
  });

  it('closes its connections when it is closed, and does not listen any more', async () => {
    const tunnel = await tunnelTo(() => undefined);
    const answer = ask(tunnel.port, 'question');
    await new Promise((resolve) => servers[0]!.once('connection', resolve));
    tunnel.close();
    expect(await answer).toBe('-');
    expect(await ask(tunnel.port, 'question')).toBe('-');
  });

  it('that another program has is refused', async () => {
    const { port } = await tunnelTo(count);
    await expect(listenFor({ address: loopback, port: 1 }, port)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `port ${String(port)} of 127.0.0.1 is in use by another program`,
    });
  });
});
