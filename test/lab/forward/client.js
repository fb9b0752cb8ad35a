// client.js [tcp|udp ADDRESS PORT]...: connects to all of them at once, and prints a line for each: what the server answers, or why it does not.
// Without arguments it reads lines of these from standard input, and prints the answers to each line, with tabs between them.
import { createSocket } from 'node:dgram';
import { get } from 'node:http';
import { createInterface } from 'node:readline';

function ask(protocol, host, port) {
  return new Promise((resolve) => {
    // Long, since the machine may be busy: only what does not get through takes it.
    setTimeout(() => resolve('no answer'), 20_000).unref();
    if (protocol === 'tcp') {
      const options = { host, port, agent: false };
      get(options, (answer) => answer.on('data', (text) => resolve(String(text)))).on('error', ({ code }) =>
        resolve(code),
      );
    } else {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      // The first packet to a neighbor may get lost.
      const send = () => socket.send('?', Number(port), host);
      const timer = setInterval(send, 500);
      socket.on('message', (text) => {
        clearInterval(timer);
        socket.close();
        resolve(String(text));
      });
      send();
    }
  });
}

const askAll = (words) =>
  Promise.all(Array.from({ length: words.length / 3 }, (_, index) => ask(...words.slice(index * 3, index * 3 + 3))));

const typed = process.argv.slice(2);
if (typed.length > 0) console.log((await askAll(typed)).join('\n'));
else
  for await (const line of createInterface({ input: process.stdin }))
    console.log((await askAll(line.split(' '))).join('\t'));
process.exit();
