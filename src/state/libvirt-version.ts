import type { State } from './state.ts';

/** A release of libvirt, major and minor: `[6, 3]`. */
export type Release = readonly [major: number, minor: number];

/** Whether the daemon's libvirt is that release or a newer one. */
export function hasRelease({ connection }: Pick<State, 'connection'>, [major, minor]: Release): boolean {
  return connection.libvirtVersion >= major * 1_000_000 + minor * 1000;
}

/** `9.0.0`, from libvirt's number. */
function versionText(version: number): string {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000].join('.');
}

/** Returns a message about a missing feature: `a lease time needs libvirt 6.3, this is 6.0.0`. */
export function needs(what: string, release: Release, { connection }: Pick<State, 'connection'>): string {
  return `${what} needs libvirt ${release.join('.')}, this is ${versionText(connection.libvirtVersion)}`;
}
