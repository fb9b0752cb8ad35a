import { describe, expect, it } from '@jest/globals';
import { redact, redactText } from '../../../../src/cli/output/redact.ts';

describe('a secret is replaced by stars', () => {
  it.each([
    ['netplan', '      password: "hunter2x"\n      dhcp4: true', '      password: "***"\n      dhcp4: true'],
    ['netplan without quotes', 'auth: {key-management: psk}\npassword: hunter2x', undefined],
    ['a keyfile', '[wifi-security]\nkey-mgmt=wpa-psk\npsk=hunter2x\n', undefined],
    ['WEP in a keyfile', 'wep-key0=hunter2x', 'wep-key0=***'],
    ['a keyfile with 802.1x', 'private-key-password=hunter2x', 'private-key-password=***'],
    ['ifupdown', '  wpa-ssid home\n  wpa-psk hunter2x\n  mtu 1500', '  wpa-ssid home\n  wpa-psk ***\n  mtu 1500'],
    ['ifupdown with a passphrase of words', 'wpa-passphrase hunter2x is it', 'wpa-passphrase ***'],
    ['ifcfg', "WPA_PSK='hunter2x'\nKEY1=hunter2x\nONBOOT=yes", "WPA_PSK='***'\nKEY1=***\nONBOOT=yes"],
    ['networkd', '[WireGuard]\nPrivateKey=hunter2x', '[WireGuard]\nPrivateKey=***'],
    [
      "libvirt's XML",
      "<graphics type='vnc' passwd='hunter2x' port='1'/>",
      "<graphics type='vnc' passwd='***' port='1'/>",
    ],
  ])('in %s', (_, text, expected) => {
    expect(redactText(text)).not.toContain('hunter2x');
    if (expected !== undefined) expect(redactText(text)).toBe(expected);
  });

  it('wherever it is in a value', () => {
    expect(redact({ steps: [{ do: { text: 'psk=hunter2x', mode: 384 }, undo: [null] }] })).toEqual({
      steps: [{ do: { text: 'psk=***', mode: 384 }, undo: [null] }],
    });
  });
});

it('text that is not secret stays', () => {
  const text =
    "iface eno1 inet static\n  address 192.0.2.1/24\n<interface type='network'><source network='default'/></interface>";
  expect(redactText(text)).toBe(text);
});
