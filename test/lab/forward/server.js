// Answers HTTP and UDP on port 80 with the address of the client.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const seen = (address) => `from ${address.replace('::ffff:', '')}`;
const udp = createSocket('udp6');
udp.on('message', (_message, { address, port }) => udp.send(seen(address), port, address));
udp.bind(80, '::', () => {
  createServer(({ socket }, answer) => answer.end(seen(socket.remoteAddress))).listen(80, '::', () =>
    console.log('ready'),
  );
});
