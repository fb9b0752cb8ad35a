import { describe, expect, it } from '@jest/globals';
import { parseIptablesSave } from '../../../src/firewall/iptables.ts';
import { isInForce } from '../../../src/firewall/nat-status.ts';

describe('rules in force', () => {
  it('are recognized whatever the order in which iptables lists the states of connections', () => {
    const tables = parseIptablesSave(
      `*filter
:FORWARD ACCEPT [0:0]
:KVMNET_FWD - [0:0]
-A FORWARD -j KVMNET_FWD
-A KVMNET_FWD -s 192.168.10.0/24 -o up0 -j ACCEPT
-A KVMNET_FWD -d 192.168.10.0/24 -i up0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
:KVMNET_SNAT - [0:0]
-A POSTROUTING -j KVMNET_SNAT
-A KVMNET_SNAT -s 192.168.10.0/24 -o up0 -j MASQUERADE
COMMIT
`,
      'ip',
    );
    const sources = [{ family: 'ipv4', subnet: '192.168.10.0/24', dev: 'up0' }] as const;
    expect(isInForce({ forwards: [], sources }, 'iptables', tables)).toBe(true);
    expect(isInForce({ forwards: [], sources: [{ ...sources[0], dev: 'up1' }] }, 'iptables', tables)).toBe(false);
  });
});
