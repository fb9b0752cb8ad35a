// client.js tcp|udp ADDRESS PORT: prints what the server answers, or why it does not.
import { createSocket } from 'node:dgram';
import { get } from 'node:http';

const [protocol, host, port] = process.argv.slice(2);
const end = (text) => {
  console.log(text);
  process.exit();
};
// Long, since the machine may be busy: only what does not get through takes it.
setTimeout(() => end('no answer'), 20_000);
if (protocol === 'tcp') {
  get({ host, port }, (answer) => answer.on('data', (text) => end(String(text)))).on('error', ({ code }) => end(code));
} else {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (text) => end(String(text)));
  // The first packet to a neighbor may get lost.
  setInterval(() => socket.send('?', Number(port), host), 500);
}
