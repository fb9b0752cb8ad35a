import { describe, expect, it } from '@jest/globals';
import { findDomain } from '../../../src/state/find-domain.ts';
import { macHolder } from '../../../src/state/mac-holder.ts';
import { findNic, nicsOf, slotOf, sourceOf } from '../../../src/state/nics.ts';
import { parseInterface } from '../../../src/xml/interface.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../plan/state.ts';

const domain = (...nics: readonly string[]) =>
  `<domain type='kvm'><name>VM1</name><uuid>11111111-1111-4111-8111-111111111111</uuid>
   <devices>${nics.join('')}</devices></domain>`;
const nic = (mac: string, rest = '', slot?: number) =>
  `<interface type='network'><mac address='52:54:00:00:00:${mac}'/><source network='default'/>${rest}` +
  (slot === undefined ? '' : `<address type='pci' domain='0x0000' bus='0x0${slot}' slot='0x00' function='0x0'/>`) +
  '</interface>';

const macs = (found: ReturnType<typeof nicsOf>): (string | undefined)[][] =>
  found.map(({ live, config }) => [live?.mac?.address?.slice(-2), config?.mac?.address?.slice(-2)]);

describe('the NICs of a domain', () => {
  it('of a running one are the live ones in their order, each with its next boot, and then the NICs of the next boot only', () => {
    const seen = nicsOf(domainState(domain(nic('03'), nic('02'), nic('01')), domain(nic('01'), nic('04'), nic('02'))));
    expect(macs(seen)).toEqual([
      ['01', '01'],
      ['04', undefined],
      ['02', '02'],
      [undefined, '03'],
    ]);
    expect(seen.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });

  it('of one that is shut off are the NICs of its configuration', () => {
    expect(macs(nicsOf(domainState(domain(nic('01')))))).toEqual([[undefined, '01']]);
  });

  it('with one MAC are paired by their PCI slots', () => {
    const config = domain(nic('01', '', 1), nic('01', '', 2));
    const live = domain(nic('01', '', 2), nic('01', '', 1));
    const seen = nicsOf(domainState(config, live));
    expect(seen.map((each) => [slotOf(each.live!), slotOf(each.config!)])).toEqual([
      ['0:2:0:0', '0:2:0:0'],
      ['0:1:0:0', '0:1:0:0'],
    ]);
  });

  it('have a slot only on a PCI bus, however it is written', () => {
    expect(slotOf(parseInterface(nic('01', '', 2).replace("'0x02'", "'2'")))).toBe('0:2:0:0');
    expect(slotOf(parseInterface(nic('01')))).toBeUndefined();
    expect(
      slotOf(parseInterface(nic('01', `<address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0001'/>`))),
    ).toBeUndefined();
  });

  it.each([
    [`<interface type='bridge'><source network='lan' portid='x' bridge='br0'/></interface>`, 'lan'],
    [`<interface type='bridge'><source bridge='br0'/></interface>`, 'br0'],
    [`<interface type='direct'><source dev='eno1' mode='bridge'/></interface>`, 'eno1'],
    [`<interface type='vhostuser'><source type='unix' path='/run/x' mode='client'/></interface>`, '/run/x'],
    [`<interface type='user'/>`, undefined],
  ])('are attached to the source that libvirt reports first: %s', (xml, source) => {
    expect(sourceOf(parseInterface(xml))).toBe(source);
  });
});

describe('a NIC that a user names', () => {
  const state = domainState(
    domain(
      nic('0a', `<target dev='vnet0'/><alias name='net0'/>`),
      nic('0b', `<target dev='vnet1'/><alias name='ua-lan'/>`),
    ),
    domain(
      nic('0a', `<target dev='vnet0'/><alias name='net0'/>`),
      nic('0b', `<target dev='vnet1'/><alias name='ua-lan'/>`),
    ),
  );

  it.each(['1', 'vnet1', '52:54:00:00:00:0b', '52-54-00-00-00-0B', 'ua-lan'])('is found by %s', (selector) => {
    expect(findNic(state, selector).index).toBe(1);
  });

  it('is not guessed: all that are meant are listed', () => {
    expect(() => findNic(state, 'net=default')).toThrow(
      expect.objectContaining({
        code: 'AMBIGUOUS',
        message: 'net=default is 2 NICs of VM1: 0 (52:54:00:00:00:0a, default), 1 (52:54:00:00:00:0b, default)',
        hint: 'name it by its index',
      }),
    );
  });

  it.each([
    ['vnet2', /did you mean vnet[01]/],
    ['2', /^it has 0 \(.*\), 1 \(/],
    ['net=', /^it has 0/],
    ['', /^it has 0/],
  ])('is not found as %j, and the error lists the existing ones', (selector, hint) => {
    expect(() => findNic(state, selector)).toThrow(
      expect.objectContaining({ code: 'NOTFOUND', hint: expect.stringMatching(hint) }),
    );
  });

  it('is not found in a domain without NICs', () => {
    expect(() => findNic(domainState(domain()), '0')).toThrow(expect.objectContaining({ hint: 'VM1 has no NICs' }));
  });
});

describe('a domain that a user names', () => {
  const other = { ...domainState(domain()), name: '1', uuid: '22222222-2222-4222-8222-222222222222', id: undefined };
  const running = { ...domainState(domain(), domain()), id: 1 };
  const state = { domains: [running, other] };

  it('is found by its name before its number, and by its UUID in any case', () => {
    expect(findDomain(state, '1')).toBe(other);
    expect(findDomain({ domains: [running] }, '1')).toBe(running);
    expect(findDomain(state, 'VM1')).toBe(running);
    expect(findDomain(state, other.uuid.toUpperCase())).toBe(other);
  });

  it('is not found by a misspelled name, but suggested', () => {
    expect(() => findDomain(state, 'vm1')).toThrow(
      expect.objectContaining({ code: 'NOTFOUND', hint: 'did you mean VM1?' }),
    );
  });
});

describe('the holder of a MAC', () => {
  const state = stateWith({
    networks: [networkState(defaultNetwork)],
    domains: [domainState(domain(nic('01'), nic('02').replace('00:02', '00:0C')), domain(nic('01')))],
    host: hostWith([
      link('eno1', { mac: '00:11:22:33:44:55' }),
      link('vnet0', { kind: 'tun', mac: 'fe:54:00:00:00:01' }),
    ]),
  });
  it.each([
    ['52:54:00:00:00:01', 'NIC 0 of VM1'],
    ['52:54:00:00:00:0c', 'NIC 1 of VM1'],
    ['52:54:00:0a:cd:21', 'the bridge of network default'],
    ['00:11:22:33:44:55', 'eno1 of the host'],
    ['fe:54:00:00:00:01', undefined],
    ['52:54:00:00:00:02', undefined],
  ])('of %s is %s: a NIC, a bridge of a network or a device of the host, but not a tap', (mac, holder) => {
    expect(macHolder(mac, state)).toBe(holder);
  });
});
