/** Numbers and addresses in packets, in network byte order; what is beyond the end is 0. */

export function uint16At(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

export function macAt(bytes: Uint8Array, offset: number): string {
  return [...bytes.subarray(offset, offset + 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** As RFC 5952 writes it. */
export function ipv6At(bytes: Uint8Array, offset: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => uint16At(bytes, offset + index * 2).toString(16));
  const zeros = [...groups.join(':').matchAll(/\b0(?::0)+\b/g)].sort((left, right) => right[0].length - left[0].length);
  const [longest] = zeros;
  if (longest === undefined) return groups.join(':');
  const text = groups.join(':');
  const [head, tail] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)];
  return `${head.replace(/:$/, '')}::${tail.replace(/^:/, '')}`;
}
