/** The networks of the tests of addresses, and questions about them. */
import { kvmnet, must, virsh } from '../../helpers/host.ts';

export const mac = '52:54:00:00:00:01';
export const otherMac = '52:54:00:00:00:02';
export const unknownMac = '52:54:00:00:99:99';

export const network = `<network>
  <name>addr</name>
  <forward mode='nat'/>
  <bridge name='addr0' stp='off' delay='0'/>
  <ip address='192.168.201.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.201.2' end='192.168.201.200'/>
      <host mac='52:54:00:00:00:05' name='printer' ip='192.168.201.150'/>
    </dhcp>
  </ip>
</network>`;

export const silent = `<network><name>quiet</name><bridge name='quiet0' stp='off' delay='0'/></network>`;

export async function json<T>(...args: readonly string[]): Promise<T> {
  const { stdout, stderr, status } = await kvmnet([...args, '--json']);
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

interface Address {
  readonly nic: number;
  readonly address?: string;
  readonly sources: readonly string[];
  readonly reason?: string;
}

export const vmIp = (): Promise<readonly Address[]> => json('vm', 'ip', 'addr-guest');

export async function dnsmasqOfAddr(): Promise<string> {
  // Not pgrep: dnsmasq forks for each lease, and the child has its name.
  return must('cat', ['/run/libvirt/network/addr.pid']);
}

export async function reservations(...flags: readonly string[]): Promise<readonly string[]> {
  const xml = await virsh('net-dumpxml', 'addr', ...flags);
  return [...xml.matchAll(/<host .*\/>/g)].map(([host]) => host);
}

export const printer = `<host mac='52:54:00:00:00:05' name='printer' ip='192.168.201.150'/>`;
