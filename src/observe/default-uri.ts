/** Which URI is meant when none is given. Source: https://libvirt.org/uri.html#default-uri-choice */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** KVMNET_URI, LIBVIRT_DEFAULT_URI, `uri_default` of libvirt.conf, or `qemu:///system`: never the session by surprise. */
export function defaultUri(): string {
  const fromEnvironment = [process.env.KVMNET_URI, process.env.LIBVIRT_DEFAULT_URI];
  return fromEnvironment.find((uri) => uri !== undefined && uri !== '') ?? configuredUri() ?? 'qemu:///system';
}

/** virsh's default without -c and VIRSH_DEFAULT_CONNECT_URI, which is libvirt's own: for an ordinary user the session. */
export function virshDefaultUri(): string {
  const given = process.env.LIBVIRT_DEFAULT_URI;
  if (given !== undefined && given !== '') return given;
  return configuredUri() ?? (process.getuid?.() === 0 ? 'qemu:///system' : 'qemu:///session');
}

function configuredUri(): string | undefined {
  const configuration = process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config');
  const file = process.getuid?.() === 0 ? '/etc/libvirt/libvirt.conf' : join(configuration, 'libvirt', 'libvirt.conf');
  try {
    return /^\s*uri_default\s*=\s*["']([^"']+)["']/m.exec(readFileSync(file, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
