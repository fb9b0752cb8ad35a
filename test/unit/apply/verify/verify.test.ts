import { beforeEach, describe, expect, it } from '@jest/globals';
import { readSubjects, verify } from '../../../../src/apply/verify/verify.ts';
import type { Expectation } from '../../../../src/plan/step.ts';
import { MemoryDriver } from '../driver.ts';
import { lab, mac, networkXml, nicXml, other, prepare, vm } from '../material.ts';

let driver: MemoryDriver;
beforeEach(async () => {
  driver = new MemoryDriver();
  await prepare(driver);
  await driver.call('networkDefine', { xml: networkXml('lab', lab) });
  await driver.call('domainAttachDevice', { domain: vm, xml: nicXml('lab'), live: true, config: false });
});

const now = { guest: 0, other: 0 };
const network = { expect: 'network', network: lab } as const;
const domain = { expect: 'domain', domain: vm } as const;
const nic = { expect: 'nic', domain: vm, mac } as const;
const missing = '00000000-0000-4000-8000-0000000000ff';

const rows: readonly (readonly [expected: Expectation, missing: string | undefined])[] = [
  [{ ...network, defined: true, active: false, autostart: false }, undefined],
  [{ ...network, active: true }, 'the network is not active'],
  [{ ...network, autostart: true }, 'autostart is off'],
  [{ ...network, defined: false }, 'the network is still defined'],
  [{ expect: 'network', network: other, active: true }, 'the network does not exist'],
  [{ expect: 'network', network: other, defined: false }, undefined],
  [{ ...network, expect: 'definition', config: networkXml('lab', lab) }, undefined],
  [{ ...network, expect: 'definition', live: networkXml('lab', lab) }, 'the network has no live definition'],
  [{ ...domain, active: true, paused: false, defined: true }, undefined],
  [{ ...domain, active: false }, 'the domain is still running'],
  [{ ...domain, paused: true }, 'the domain is running'],
  [{ ...domain, defined: false }, 'the domain is still defined'],
  [{ ...domain, domain: missing, active: true }, 'the domain does not exist'],
  [{ ...domain, domain: missing, active: false }, undefined],
  [{ ...domain, expect: 'rootPorts', count: 1 }, 'the configuration has 0 pcie-root-ports, not 1'],
  [{ ...nic, live: { source: 'lab', link: 'up' } }, undefined],
  [{ ...nic, config: {} }, `the NIC ${mac} is not in the configuration`],
  [{ ...nic, live: false }, `the NIC ${mac} is still in the running domain`],
  [{ ...nic, live: { source: 'other' } }, `the NIC ${mac} of the running domain is not attached to other`],
  [{ ...nic, live: { link: 'down' } }, `the link of the NIC ${mac} of the running domain is up`],
  [{ ...nic, live: { rate: { in: 10, out: null } } }, 'the limit of in is none'],
];

describe('a reading', () => {
  it.each(rows)('for %j lacks: %s', async (expected, lacking) => {
    expect(await verify(driver, expected, now)).toBe(lacking);
  });

  it('is repeated until it shows what is expected', async () => {
    const looking = verify(driver, { ...network, active: true }, { guest: 0, other: 60_000 });
    await driver.call('networkStart', { network: lab });
    expect(await looking).toBeUndefined();
  });

  it('waits for a guest as long as for a guest, and no longer than asked', async () => {
    const abort = new AbortController();
    const looking = verify(driver, { ...nic, live: false }, { guest: 60_000, other: 0 }, abort.signal);
    abort.abort();
    expect(await looking).toBe(`the NIC ${mac} is still in the running domain`);
  });
});

describe('what is kept of a reading', () => {
  it.each([
    [network, lab, { definition: expect.any(String), active: 'false', autostart: 'false' }],
    [domain, vm, { active: 'true', autostart: 'false', definition: expect.any(String), NICs: expect.any(String) }],
    [{ expect: 'network', network: missing }, missing, { definition: 'none' }],
  ] as const)('of %j is of %s', async (expected, key, fields) => {
    expect(await readSubjects(driver, { verify: expected })).toMatchObject({ [key]: { fields } });
  });

  it('of a port is of the network and the domain', async () => {
    const plugged = { expect: 'plugged', domain: vm, mac, network: lab, bridge: undefined } as const;
    expect(Object.keys(await readSubjects(driver, { verify: plugged })).sort()).toEqual([lab, vm]);
  });
});
