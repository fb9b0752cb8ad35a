/** Network namespaces of the private host: hosts outside, and guests without a machine. */
import { must, run, root } from './host.ts';

export interface NamespaceOptions {
  /** The bridge that its cable is a port of. */
  readonly bridge?: string;
  /** Addresses in CIDR form: of its eth0, and of the host's end of the cable. */
  readonly addresses: readonly string[];
  readonly host?: readonly string[];
  /** The default gateways. */
  readonly gateways?: readonly string[];
}

/** Makes a namespace with a cable to the host; the cable's end on the host has the same name. */
export async function makeNamespace(name: string, options: NamespaceOptions): Promise<void> {
  const { bridge, addresses, host = [], gateways = [] } = options;
  const add = (on: readonly string[], address: string, dev: string): Promise<string> =>
    must('ip', [...on, 'address', 'add', address, 'dev', dev, ...(address.includes(':') ? ['nodad'] : [])]);
  await must('ip', ['netns', 'add', name]);
  await must('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
  if (bridge !== undefined) await must('ip', ['link', 'set', name, 'master', bridge]);
  await must('ip', ['link', 'set', name, 'up']);
  for (const address of host) await add([], address, name);
  for (const link of ['lo', 'eth0']) await must('ip', ['-n', name, 'link', 'set', link, 'up']);
  for (const address of addresses) await add(['-n', name], address, 'eth0');
  // A router's advertisement may have come first.
  for (const gateway of gateways) await must('ip', ['-n', name, 'route', 'replace', 'default', 'via', gateway]);
}

/** Removes it with its cable; nothing happens where it does not exist. */
export async function removeNamespace(name: string): Promise<void> {
  await run('ip', ['netns', 'delete', name]);
  await run('ip', ['link', 'delete', name]);
}

/**
 * Returns the answer of a server to a connection, or why it does not answer: `ECONNREFUSED`, `no answer`.
 * @param from a namespace; undefined: the host itself
 */
export async function ask(
  from: string | undefined,
  protocol: 'tcp' | 'udp',
  address: string,
  port: number,
): Promise<string> {
  const client = [process.execPath, `${root}test/lab/forward/client.js`, protocol, address, String(port)];
  const [program = '', ...words] = from === undefined ? client : ['ip', 'netns', 'exec', from, ...client];
  return (await must(program, words)).trim();
}
