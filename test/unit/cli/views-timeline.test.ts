import { describe, expect, it } from '@jest/globals';
import { sentence, timelineLine } from '../../../src/cli/views/explain/timeline.ts';
import type { Happening, LinkHappening } from '../../../src/records/timeline.ts';

const link = (given: Partial<LinkHappening>): Happening => ({
  ...{ source: 'kernel', object: 'link', name: 'vnet3', event: 'created' },
  ...given,
});

const sentences: readonly (readonly [Happening, string])[] = [
  [{ source: 'libvirt', object: 'network', name: 'keennet', event: 'started' }, 'network keennet started'],
  [{ source: 'libvirt', object: 'network', name: 'keennet', event: 'defined' }, 'network keennet was defined'],
  [
    { source: 'libvirt', object: 'domain', name: 'VM1', event: 'stopped', detail: 'destroyed' },
    'VM1 stopped (destroyed)',
  ],
  [{ source: 'libvirt', object: 'device', name: 'VM1', event: 'added', alias: 'net1' }, 'VM1: device net1 was added'],
  [
    { source: 'libvirt', object: 'device', name: 'VM1', event: 'removal failed', alias: 'net1' },
    'VM1: device net1 could not be removed: the guest did not release it',
  ],
  [
    { source: 'libvirt', object: 'connection', name: 'qemu:///system', event: 'lost', detail: 'the daemon closed it' },
    'the connection to qemu:///system is lost (the daemon closed it): connecting again',
  ],
  [link({ event: 'joined', master: 'brvlan-10', domain: 'VM1' }), 'vnet3 (VM1) joined brvlan-10'],
  [link({ event: 'no carrier' }), 'vnet3 lost its carrier'],
  [link({ event: 'mtu', before: 1500, mtu: 9000 }), 'vnet3 changed its MTU from 1500 to 9000'],
  [
    { source: 'kernel', object: 'address', name: 'br0', event: 'removed', address: '192.0.2.5/24' },
    'br0 lost the address 192.0.2.5/24',
  ],
  [
    {
      source: 'dnsmasq',
      object: 'lease',
      name: 'keennet',
      event: 'added',
      address: '192.168.132.7',
      mac: '52:54:00:00:00:01',
    },
    'keennet: lease 192.168.132.7 to 52:54:00:00:00:01',
  ],
];

describe('what happens', () => {
  it.each(sentences)('%j is a sentence', (happening, text) => {
    expect(sentence(happening)).toBe(text);
  });

  it('has no control characters on its line, whatever a guest is called', () => {
    const name = 'VM\u001b[2J\n\u202e';
    const hostname = name;
    const lease = { source: 'dnsmasq', object: 'lease', name, event: 'added', address: '192.0.2.1', hostname } as const;
    const happenings: readonly Happening[] = [
      lease,
      link({ name, domain: name }),
      link({ event: 'joined', master: name }),
    ];
    for (const happening of happenings) {
      const line = timelineLine({ time: '2026-11-30T07:01:44.682Z', ...happening });
      expect(line.slice(0, -1)).toMatch(/^[ -~]+$/);
    }
  });
});
