/** 9000000 -> `9.0.0`. */
export function libvirtVersion(version: number): string {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000].join('.');
}
