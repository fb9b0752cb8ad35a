/** A port of this machine whose connections lead to another address. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { exhausted, KvmnetError } from '../errors.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface LocalPort {
  readonly port: number;
  /** Refuses new connections, and closes the open ones. */
  readonly close: () => void;
}

/** The address of this machine that no other machine reaches. */
export const loopback = '127.0.0.1';

/**
 * Listens on a port of 127.0.0.1, and connects each connection to `target`; one that the target refuses is closed.
 * @param port 0: a free one
 * @throws CONFLICT where another program listens there, PERMISSION for a port that only root may have
 */
export async function listenFor(target: Endpoint, port: number): Promise<LocalPort> {
  const sockets = new Set<Socket>();
  const own = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  };
  // One side may have sent all that it has while the other still answers.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const guest = connect({ host: target.address, port: target.port, allowHalfOpen: true });
    join(own(client), own(guest));
    join(guest, client);
  });
  const chosen = await listening(server, port);
  const close = (): void => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  };
  return { port: chosen, close };
}

/** Passes on what one side sends; where it breaks off or has closed, the other one is closed too. */
function join(from: Socket, to: Socket): void {
  from.on('error', () => to.destroy()).pipe(to);
  from.once('close', () => to.destroySoon());
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenError(error, port));
    });
    server.listen({ host: loopback, port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, port: number): KvmnetError {
  const where = `port ${String(port)} of ${loopback}`;
  if (error.code === 'EADDRINUSE') {
    return new KvmnetError('CONFLICT', `${where} is in use by another program`, {
      hint: 'name another local port, or none for a free one',
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new KvmnetError('PERMISSION', `${where}: only root may listen there`, {
      hint: 'name a local port above 1023',
      cause: error,
    });
  }
  return new KvmnetError('BACKEND', `cannot listen on ${where}: ${exhausted(error) ?? error.message}`, {
    cause: error,
  });
}
