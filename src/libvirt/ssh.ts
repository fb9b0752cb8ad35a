/** The program that libvirt runs instead of ssh. */

/**
 * A URI by which libvirt runs a program of kvmnet's own instead of ssh.
 * @see https://libvirt.org/uri.html#ssh-transport
 */
export function withSsh(uri: string, program: string | undefined): string {
  if (program === undefined) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}command=${encodeURIComponent(program)}`;
}

/** The URI as it was given. A program that an alias of libvirt.conf names has another path. */
export function withoutSsh(uri: string): string {
  return uri.replace(/[?&]command=[^&]*kvmnet-ssh-[^&]*$/, '');
}
