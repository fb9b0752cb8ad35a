import { describe, expect, it } from '@jest/globals';
import { parseIptablesSave } from '../../../../src/firewall/iptables.ts';
import { parseNftRuleset } from '../../../../src/firewall/nftables.ts';
import { refusal } from '../net-create.ts';
import { add } from './facts.ts';

/** A rule of iptables that stops forwarded packets before libvirt's backend sees them, with rules that admit some. */
const dropping = (...lines: readonly string[]) =>
  parseIptablesSave(
    ['*mangle', ':FORWARD DROP [0:0]', ...lines.map((line) => `-A FORWARD ${line}`), 'COMMIT', ''].join('\n'),
    'ip',
  );
const answers = '-m conntrack --ctstate ESTABLISHED -j ACCEPT';
const outside = '-i eth0 -o virbr0 -d 192.168.122.77/32 -p tcp -m tcp --dport 80';
const network = '-i virbr0 -o virbr0 -d 192.168.122.77/32 -p tcp -m tcp --dport 80';

describe('forward add --fix', () => {
  it('admits connections from outside and from other guests', () => {
    const { forwards, warnings } = add('8080', 'VM2:80', { tables: dropping(answers) }, true);
    expect(warnings).toEqual([]);
    expect(forwards[0]?.admitted?.map(({ comment, words }) => [comment, words.slice(0, 4).join(' ')])).toEqual([
      ['kvmnet:8080/tcp:1', '-i eth0 -o virbr0'],
      ['kvmnet:8080/tcp:2', '-i virbr0 -o virbr0'],
    ]);
  });

  it('admits a forward that exists, including its rules that are in force', () => {
    const tables = dropping(answers, `${outside} -m comment --comment "kvmnet:8080/tcp:1" -j ACCEPT`);
    const { forwards } = add('8080', 'VM2:80');
    const again = add('8080', 'VM2:80', { tables, rules: { forwards, sources: [] } }, true);
    expect(again.forwards[0]?.admitted).toHaveLength(2);
    // Rules that admit it do not make it another one.
    const third = add('8080', 'VM2:80', { tables, rules: { forwards: again.forwards, sources: [] } }, true);
    expect(third.forwards).toEqual(again.forwards);
  });

  it('is offered where a rule stops one of both', () => {
    expect(add('8080', 'VM2:80', { tables: dropping(answers, `${outside} -j ACCEPT`) }).warnings).toEqual([
      'connections from other guests to 8080/tcp are dropped by iptables table ip mangle, chain FORWARD, policy drop; --fix adds a rule that lets ' +
        'them through; by hand: iptables -t mangle -A FORWARD -i virbr0 -o virbr0 -d 192.168.122.77/32 -p tcp --dport 80 -j ACCEPT',
    ]);
    const both = [`${outside} -j ACCEPT`, `${network} -j ACCEPT`];
    expect(add('8080', 'VM2:80', { tables: dropping(answers, ...both) }).warnings).toEqual([]);
  });

  it('is refused with firewalld’s commands, which alone can change its rules', () => {
    const place = { family: 'inet', table: 'firewalld' };
    const chain = { ...place, name: 'filter_FORWARD', type: 'filter', hook: 'forward', prio: 10, policy: 'accept' };
    const rule = { ...place, chain: 'filter_FORWARD', handle: 3, expr: [{ reject: null }] };
    const entries = [{ table: { family: 'inet', name: 'firewalld' } }, { chain }, { rule }];
    const tables = parseNftRuleset(JSON.stringify({ nftables: entries }));
    const problem =
      'connections from outside to 8080/tcp are rejected by nft table inet firewalld, chain filter_FORWARD, rule reject # handle 3';
    const commands =
      'firewall-cmd --permanent --add-rich-rule=\'rule family="ipv4" forward-port port="8080" protocol="tcp" to-port="80" to-addr="192.168.122.77"\'; ' +
      'firewall-cmd --reload';
    const { code, message, hint } = refusal(() => add('8080', 'VM2:80', { tables }, true));
    expect({ code, message, hint }).toEqual({
      code: 'CONFLICT',
      message: `${problem}; only firewalld itself can change its rules`,
      hint: `let them through: ${commands}; then repeat this command`,
    });
    expect(add('8080', 'VM2:80', { tables }).warnings).toEqual([
      `${problem}; firewalld lets them through after: ${commands}`,
    ]);
  });
});

describe('a rule of another program that forwards the same port', () => {
  const tables = parseIptablesSave(
    '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.122.77:80\nCOMMIT\n',
    'ip',
  );

  it('does not conflict if it leads to the same target', () => {
    expect(add('8080', 'VM2:80', { tables }).forwards).toHaveLength(1);
    for (const target of ['VM2:81', 'VM1:80'])
      expect(refusal(() => add('8080', target, { tables })).message).toMatch(/^port 8080\/tcp is forwarded by another/);
  });
});
