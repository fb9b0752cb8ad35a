/** Where the kernel of a connection's host is reached. */
import { KvmnetError } from '../errors.ts';
import type { SshTarget } from '../host/ssh/ssh.ts';
import { isLocal, parseUri } from './uri.ts';

/**
 * How programs are run on the host of a libvirt URI: here (undefined), or by ssh.
 * @throws DEPENDENCY for the test driver, which has no host, and for transports that carry libvirt alone
 */
export function hostTarget(uri: string): SshTarget | undefined {
  const { driver, transport, host } = parseUri(uri);
  if (driver === 'test') {
    throw new KvmnetError('DEPENDENCY', `${uri} is libvirt's test driver: it has no host whose links could change`, {
      hint: 'leave out -c, or name a real host: -c qemu:///system, -c qemu+ssh://root@host/system',
    });
  }
  if (isLocal(uri)) return undefined;
  if (transport === 'ssh' || transport === 'libssh' || transport === 'libssh2') return sshTarget(uri, host ?? '');
  throw new KvmnetError(
    'DEPENDENCY',
    `the host of ${uri} cannot be reached: ${transport ?? (host === undefined ? 'its socket' : 'tls')} carries libvirt alone`,
    {
      hint: `use ssh: -c ${driver}+ssh://${host ?? 'host'}/system, or run kvmnet there`,
    },
  );
}

function sshTarget(uri: string, authority: string): SshTarget {
  const [, user, host = '', port] = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority) ?? [];
  const identity = /[?&]keyfile=([^&]*)/.exec(uri)?.[1];
  return {
    host: host.replaceAll(/[[\]]/g, ''),
    user: user === undefined ? undefined : decodeURIComponent(user),
    port: port === undefined ? undefined : Number(port),
    identity: identity === undefined ? undefined : decodeURIComponent(identity),
  };
}
