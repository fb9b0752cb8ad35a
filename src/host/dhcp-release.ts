/** A client's word that it no longer needs its address, sent in its place: DHCPRELEASE. Sources: RFC 2131, sections 2 and 4.4.6; RFC 2132. */
import { KvmnetError } from '../errors.ts';

export interface Release {
  readonly mac: string;
  /** The IPv4 address that is leased. */
  readonly address: string;
  /** The server's address on the link of the lease: the kernel delivers the packet as if it came from there. */
  readonly server: string;
}

/**
 * Sends it; the server does not answer.
 * @throws BACKEND with the kernel's error if it cannot be sent
 */
export function sendRelease(release: Release): Promise<void> {
  const socket = process.getBuiltinModule('node:dgram').createSocket('udp4');
  return new Promise<void>((resolve, reject) => {
    const fail = (cause: Error): void => {
      reject(
        new KvmnetError('BACKEND', `DHCPRELEASE cannot be sent to ${release.server}: ${cause.message}`, { cause }),
      );
    };
    socket.once('error', fail);
    socket.send(releasePacket(release, crypto.getRandomValues(new Uint8Array(4))), 67, release.server, (error) => {
      if (error) fail(error);
      else resolve();
    });
  }).finally(() => socket.close());
}

/** Without a client identifier: dnsmasq then finds the lease by the MAC address. */
export function releasePacket({ mac, address, server }: Release, transaction: Uint8Array): Buffer {
  const packet = Buffer.alloc(300);
  packet.set([1, 1, 6], 0); // BOOTREQUEST, Ethernet, length of a MAC address
  packet.set(transaction.subarray(0, 4), 4);
  packet.set(address.split('.').map(Number), 12); // ciaddr
  packet.set(
    mac.split(':').map((byte) => Number.parseInt(byte, 16)),
    28, // chaddr
  );
  packet.set([0x63, 0x82, 0x53, 0x63], 236); // the mark of options
  packet.set([53, 1, 7, 54, 4, ...server.split('.').map(Number), 255], 240); // DHCPRELEASE, to this server
  return packet;
}
