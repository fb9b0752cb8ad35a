import { describe, expect, it } from '@jest/globals';
import { causeByErrno, causeByText } from '../../../src/apply/explain.ts';
import { parseFileName } from '../../../src/apply/journal/entry-file.ts';
import { virErrors } from '../../../src/libvirt/error.ts';

describe("libvirt's messages", () => {
  it.each([
    [28, 'the disk of the host is full'],
    [122, 'the disk of the host is full'],
    [30, 'is read-only'],
  ])('with errno %i means %s', (int1, message) => {
    expect(causeByErrno({ code: virErrors.VIR_ERR_SYSTEM_ERROR, int1 })?.message).toContain(message);
  });

  it('have no such meaning with another errno, or if the number is not an errno', () => {
    expect(causeByErrno({ code: virErrors.VIR_ERR_SYSTEM_ERROR, int1: 17 })).toBeUndefined();
    expect(causeByErrno({ code: virErrors.VIR_ERR_OPERATION_INVALID, int1: 28 })).toBeUndefined();
  });

  // Messages of libvirt 9.0.
  const dnsmasq = 'internal error: Child process (VIR_BRIDGE_NAME=n1br /usr/sbin/dnsmasq --conf-file=/n1.conf)';
  const rules =
    'internal error: Failed to apply firewall rules /usr/sbin/iptables -w --table filter --insert LIBVIRT_INP';
  it.each([
    [`${dnsmasq} unexpected exit status 2: \ndnsmasq: bad option\n`, 'exited with status 2: dnsmasq: bad option'],
    [`${dnsmasq} unexpected exit status 1`, 'exited with status 1: it printed nothing'],
    [`${rules} --jump ACCEPT: no way\n`, "iptables refused libvirt's firewall rules: no way"],
    [`${rules} --jump ACCEPT: iptables: No chain/target/match by that name.\n`, 'a program has flushed the rules'],
    [
      "internal error: Failed to apply firewall command 'nft -ae insert rule ip libvirt_network guest_output iif virbr7 counter reject': Error: " +
        'Could not process rule: No such file or directory\ninsert rule ip libvirt_network guest_output iif virbr7 counter reject\n',
      'a program has flushed the rules',
    ],
    ['Requested operation is not valid: Cannot attach disk until init PID is known', 'it missed the start'],
    ['zone public requested for network x but firewalld is not active', 'a zone of firewalld, which does not run'],
  ])('%j is reported in plain words', (text, message) => {
    expect(causeByText(text)?.message).toContain(message);
  });

  it('is not guessed at otherwise', () => {
    expect(causeByText('internal error: something new')).toBeUndefined();
  });
});

describe("the name of a journal's file", () => {
  it('has the run, its progress and its outcome', () => {
    expect(parseFileName('2026-11-21T050334.932Z-67.3.running.json')).toEqual({
      id: '2026-11-21T050334.932Z-67',
      begun: 3,
      outcome: 'running',
    });
  });

  it.each(['x.json', '2026-11-21T050334.932Z-67.3.lost.json', '2026-11-21T050334.932Z-67.3.done.json.67.new', ''])(
    '%j is none',
    (name) => {
      expect(parseFileName(name)).toBeUndefined();
    },
  );
});
