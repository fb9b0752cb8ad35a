import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planRate, ratesOf, type RateOptions } from '../../../../src/plan/nic/rate.ts';
import { formatRate, parseRate } from '../../../../src/values/rate.ts';
import { findNic } from '../../../../src/state/nics.ts';
import { parseInterface } from '../../../../src/xml/interface.ts';
import { domainState, stateWith } from '../state.ts';

const nic = (bandwidth = '', type = 'network'): string =>
  `<interface type='${type}'><mac address='52:54:00:00:00:01'/><source network='keennet'/>${bandwidth}</interface>`;
const vm = (inside: string): string => `<domain type='kvm'><name>VM1</name><devices>${inside}</devices></domain>`;

function plan(rates: RateOptions, config = nic(), live = config) {
  const domain = domainState(vm(config), vm(live));
  return planRate({ domain, nic: findNic(domain, '0'), wanted: {}, rates }, stateWith({ domains: [domain] }));
}

/** The rates of the NIC that each step sends. */
function sent(rates: RateOptions, config?: string, live?: string) {
  return plan(rates, config, live).steps.map((step) =>
    'xml' in step.do ? ratesOf(parseInterface(step.do.xml)) : undefined,
  );
}

describe('a rate', () => {
  it('of libvirt’s kilobytes reads back as the number that it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (kilobytes) => {
        expect(parseRate(formatRate(kilobytes), '--in')).toBe(kilobytes);
      }),
    );
    expect([1, 125, 12_500, 125_000, 187_500, 10_000_000].map(formatRate)).toEqual([
      '8kbit',
      '1mbit',
      '100mbit',
      '1gbit',
      '1.5gbit',
      '80gbit',
    ]);
  });
});

describe('limiting a NIC', () => {
  const limited = `<bandwidth><inbound average='1000' peak='2000' burst='64'/><outbound average='500'/></bandwidth>`;

  it('sets live and configuration, and leaves the direction alone that is not named', () => {
    expect(sent({ in: 12_500 }, nic(limited))).toEqual([
      { in: 12_500, out: 500 },
      { in: 12_500, out: 500 },
    ]);
    expect(sent({ out: 1000 })).toEqual([
      { in: undefined, out: 1000 },
      { in: undefined, out: 1000 },
    ]);
  });

  it('removes all limits, or with --none the one that no other option sets', () => {
    expect(sent({ none: true }, nic(limited))[0]).toEqual({ in: undefined, out: undefined });
    expect(sent({ none: true, in: 1000 }, nic(limited))[0]).toEqual({ in: 1000, out: undefined });
  });

  it('keeps peak and burst of a limit that stays, and drops both if the limit changes', () => {
    const [step] = plan({ out: 1000 }, nic(limited)).steps;
    expect(step && 'xml' in step.do && step.do.xml).toMatch(/<inbound average="1000" peak="2000" burst="64"\/>/);
    const [changed] = plan({ in: 2000 }, nic(limited)).steps;
    expect(changed && 'xml' in changed.do && changed.do.xml).toMatch(/<inbound average="2000"\/>/);
  });

  it('has nothing to do if the limits are equal, in each scope separately', () => {
    expect(plan({ in: 1000, out: 500 }, nic(limited)).steps).toEqual([]);
    expect(plan({ none: true }).steps).toEqual([]);
    expect(plan({ in: 1000 }, nic(limited), nic()).steps.map((step) => step.do)).toMatchObject([
      { live: true, config: false },
    ]);
  });

  it('writes the old limits again when it is undone live, because tc may have failed halfway', () => {
    const [live, config] = plan({ in: 12_500 }, nic(limited)).steps;
    expect(live?.undo[1]).toMatchObject({
      call: 'domainSetInterfaceRates',
      inbound: { average: 1000, peak: 2000, burst: 64 },
      outbound: { average: 500, peak: 0, burst: 0 },
    });
    expect(config?.undo).toHaveLength(1);
  });

  it('is refused for a NIC that libvirt cannot limit, and without a rate', () => {
    expect(() => plan({ in: 1000 }, nic('', 'hostdev'))).toThrow('is of type hostdev, which libvirt cannot limit');
    expect(() => plan({})).toThrow('no rate is given');
    expect(() => parseRate('8', '--in')).toThrow('a rate is a number with kbit');
  });
});
