/** Rules of packet filters to load on a private host: as administrators and programs write them, and at random. */
import fc from 'fast-check';

/** Input of iptables-restore and of nft. */
export interface Rules {
  readonly iptables?: string;
  readonly nft?: string;
}

/** Rules as administrators and programs write them, one host each. */
export const writtenRules: Readonly<Record<string, Rules>> = {
  'the rules of libvirt alone': {},
  'a policy that drops': { iptables: '*filter\n:FORWARD DROP\nCOMMIT' },
  "chains like docker's": {
    iptables: `*filter
:FORWARD DROP
:DOCKER-USER -
:DOCKER-ISOLATION-STAGE-1 -
-I FORWARD 1 -j DOCKER-USER
-I FORWARD 2 -j DOCKER-ISOLATION-STAGE-1
-A DOCKER-USER -d 192.168.5.10/32 -p tcp -m multiport --dports 80,443 -j DROP
-A DOCKER-USER -j RETURN
-A DOCKER-ISOLATION-STAGE-1 -i nat0 ! -o eth0 -j REJECT
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
COMMIT`,
  },
  'a port forward above the rules of libvirt': {
    iptables: `*nat
-A PREROUTING -d 192.0.2.1/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.132.10:80
COMMIT
*filter
-I FORWARD 1 -d 192.168.132.10/32 -p tcp -m conntrack --ctstate DNAT -j ACCEPT
COMMIT`,
  },
  'a port forward below the rules of libvirt': {
    iptables: `*nat
-A PREROUTING -d 192.0.2.1/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.132.10:80
COMMIT
*filter
-A FORWARD -d 192.168.132.10/32 -p tcp -j ACCEPT
COMMIT`,
  },
  'a second table': {
    nft: `table inet guard {
  set lan { type ipv4_addr; flags interval; elements = { 192.168.132.0/24, 203.0.113.0/24 } }
  chain forward { type filter hook forward priority 5; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    ip saddr @lan tcp dport { 80, 8000-8100 } accept
    iifname "eth*" ip6 daddr fd00:5::/64 tcp dport != 443 accept
    oifname vmap { "routed0" : jump inside, "nat0" : drop }
    meta l4proto tcp reject with tcp reset
  }
  chain inside { tcp dport 80 goto inner
    accept
  }
  chain inner { ip saddr 192.0.2.0/24 return
    drop
  }
  chain input { type filter hook input priority -1
    iifname "eth0" tcp dport 8080 reject
  }
}`,
  },
  'an accept in a table before the others': {
    nft: 'table ip first {\n chain forward {\n type filter hook forward priority -10\n accept\n }\n}',
  },
  'two tables that translate, of which the first one wins': {
    nft: `table ip early {
  chain in {
    type nat hook prerouting priority -110
    ip daddr 192.0.2.1 tcp dport 8080 dnat to 192.168.5.10:80
  }
}
table ip late {
  chain in {
    type nat hook prerouting priority -105
    ip daddr 192.0.2.1 tcp dport 8080 dnat to 192.168.132.10:443
  }
}
table ip after {
  chain in {
    type filter hook prerouting priority -50
    ip daddr 192.168.5.10 tcp dport 80 ct status dnat accept
    ip daddr 192.0.2.1 tcp dport 8080 drop
  }
}`,
  },
  'a redirect to the host': {
    nft: 'table ip turned {\n chain in {\n type nat hook prerouting priority -101\n iifname "eth0" tcp dport 80 redirect to :8080\n }\n}',
  },
};

const oneOf = fc.constantFrom;
/** A word of a rule, or none. */
const maybe = (words: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.option(words, { nil: '' });
const address = oneOf('192.0.2.0/24', '192.168.132.10', '192.168.5.0/24', '192.168.0.0/16');
const device = oneOf('eth0', 'nat0', 'routed0');

const iptablesRule = fc
  .tuple(
    maybe(
      fc
        .tuple(oneOf('', '! '), oneOf('-i', '-o'), oneOf('eth0', 'nat0', 'routed0', 'eth+'))
        .map((words) => words.join(' ')),
    ),
    maybe(fc.tuple(oneOf('', '! '), oneOf('-s', '-d'), address).map((words) => words.join(' '))),
    maybe(
      oneOf(
        '-p tcp --dport 80',
        '-p tcp --dport 81:9000',
        '-p tcp -m multiport --dports 443,8080',
        '-p udp',
        '-p tcp --sport 80',
      ),
    ),
    maybe(
      oneOf(
        '-m conntrack --ctstate NEW',
        '-m conntrack --ctstate ESTABLISHED,RELATED',
        '-m addrtype --dst-type LOCAL',
        '-m addrtype ! --src-type LOCAL',
      ),
    ),
    oneOf('ACCEPT', 'DROP', 'REJECT', 'RETURN'),
  )
  .map(([interfaces, addresses, protocol, state, target]) => ({
    match: [interfaces, addresses, protocol, state].join(' '),
    target,
  }));

/** Two chains that FORWARD calls before libvirt's; the first calls the second. */
const iptablesRules = fc
  .tuple(
    fc.array(iptablesRule, { minLength: 1, maxLength: 4 }),
    fc.array(iptablesRule, { minLength: 1, maxLength: 4 }),
    oneOf('-j', '-g'),
    oneOf('ACCEPT', 'DROP'),
  )
  .map(([first, second, call, policy]) =>
    [
      `*filter\n:FORWARD ${policy}\n:ONE -\n:TWO -\n-I FORWARD 1 -j ONE`,
      ...first.slice(1).map(({ match, target }) => `-A ONE ${match} -j ${target}`),
      `-A ONE ${first[0]?.match ?? ''} ${call} TWO`,
      ...second.map(({ match, target }) => `-A TWO ${match} -j ${target}`),
      'COMMIT',
    ].join('\n'),
  );

const nftRule = fc
  .tuple(
    maybe(
      fc
        .tuple(oneOf('iifname', 'oifname'), oneOf('', '!= '), device)
        .map(([key, not, name]) => `${key} ${not}"${name}"`),
    ),
    maybe(fc.tuple(oneOf('ip saddr', 'ip daddr'), oneOf('', '!= '), address).map((words) => words.join(' '))),
    maybe(
      oneOf(
        'tcp dport 80',
        'tcp dport { 80, 443 }',
        'tcp dport 81-9000',
        'meta l4proto udp',
        'meta nfproto ipv6',
        'th dport != 443',
      ),
    ),
    maybe(oneOf('ct state new', 'ct state { established, related }', 'fib daddr type local', 'ct status dnat')),
    oneOf('accept', 'drop', 'reject', 'return'),
  )
  .map((words) => words.join(' '));

const nftRules = fc
  .tuple(
    fc.array(nftRule, { minLength: 1, maxLength: 4 }),
    fc.array(nftRule, { minLength: 1, maxLength: 4 }),
    oneOf('jump', 'goto'),
    oneOf('accept', 'drop'),
  )
  .map(([first, second, call, policy]) =>
    [
      'table inet guard {',
      `chain two {\n${second.join('\n')}\n}`,
      `chain one {\ntype filter hook forward priority -5; policy ${policy};\n${first.join('\n')}\n${call} two\n}`,
      '}',
    ].join('\n'),
  );

export const anyRules: fc.Arbitrary<Rules> = fc
  .tuple(fc.option(iptablesRules, { nil: undefined }), fc.option(nftRules, { nil: undefined }))
  .map(([iptables, nft]) => ({
    ...(iptables === undefined ? {} : { iptables }),
    ...(nft === undefined ? {} : { nft }),
  }));
