import { describe, expect, it } from '@jest/globals';
import { sysctlPath } from '../../../../src/firewall/nat-files.ts';
import type { NatFacts } from '../../../../src/firewall/nat-facts.ts';
import { planSourceAdd, planSourceRemove } from '../../../../src/plan/nat/source.ts';
import { parseSubnet } from '../../../../src/values/subnet.ts';
import { facts, state } from './facts.ts';

const add = (subnet: string, given: Partial<NatFacts> = {}) =>
  planSourceAdd({ subnet: parseSubnet(subnet), dev: 'eth0', to: undefined }, { ...facts, ...given }, state);

/** The text of the settings for the boot, as the plan writes it. */
const bootSettings = ({ steps }: ReturnType<typeof add>): string | null | undefined =>
  steps.flatMap((step) => (step.do.call === 'hostWriteFile' && step.do.path === sysctlPath ? [step.do.text] : []))[0];

describe('the settings for the boot', () => {
  const accepts = 'net.ipv6.conf.eth0.accept_ra';
  const listening = { sysctls: { ...facts.sysctls, [accepts]: '1' } };

  it('forward packets of the family', () => {
    expect(bootSettings(add('192.168.3.0/24', listening))).toBe('net.ipv4.ip_forward = 1\n');
  });

  it('keep listening to the router that gives the host its default route of IPv6', () => {
    expect(bootSettings(add('2001:db8:3::/64', listening))).toBe(`${accepts} = 2\nnet.ipv6.conf.all.forwarding = 1\n`);
  });

  it('still do so when that route is missing at the next change, until no source NAT of IPv6 is left', () => {
    const rules = { forwards: [], sources: add('2001:db8:3::/64').sources };
    const text = `${accepts} = 2\nnet.ipv6.conf.all.forwarding = 1\n`;
    const given = { ...facts, rules, files: new Map([[sysctlPath, { text, mode: 0o644 }]]) };
    expect(bootSettings(add('192.168.3.0/24', given))).toBe(`${text}net.ipv4.ip_forward = 1\n`);
    const request = { subnet: parseSubnet('2001:db8:3::/64'), dev: undefined };
    expect(bootSettings(planSourceRemove(request, given))).toBeNull();
  });
});
