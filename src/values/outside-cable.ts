/** The ends of the cable to a temporary namespace that is outside of the host, in subnets for tests: RFC 2544 and RFC 5180. */
export const outsideCable = {
  ipv4: { host: '198.18.255.253', outside: '198.18.255.254', prefix: 30 },
  ipv6: { host: '2001:2:0:ffff::1', outside: '2001:2:0:ffff::2', prefix: 126 },
} as const;
