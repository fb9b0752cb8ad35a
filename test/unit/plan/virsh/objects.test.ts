import { beforeEach, describe, expect, it } from '@jest/globals';
import { verify } from '../../../../src/apply/verify/verify.ts';
import { history } from '../../../../src/apply/journal/journal.ts';
import type { ProcedureName } from '../../../../src/libvirt/procedures.ts';
import { isHostAction } from '../../../../src/plan/actions/rows.ts';
import type { Action, Expectation, Plan } from '../../../../src/plan/step.ts';
import {
  planBindingCreate,
  planBindingDelete,
  planFilterDefine,
  planFilterUndefine,
} from '../../../../src/plan/virsh/filter.ts';
import {
  planInterfaceBridge,
  planInterfaceDefine,
  planInterfaceStart,
  planInterfaceStop,
  planInterfaceTransaction,
  planInterfaceUnbridge,
  planInterfaceUndefine,
} from '../../../../src/plan/virsh/interface.ts';
import { planMetadata, planPortCreate, planPortDelete } from '../../../../src/plan/virsh/network-object.ts';
import { withPortUuid } from '../../../../src/xml/object-name.ts';
import { failureOf, lab, ownDirectories, run, undoEntry } from '../../apply/material.ts';
import { ObjectDriver } from '../../apply/objects.ts';

ownDirectories();

const port = '1a000000-0000-4000-8000-00000000000f';
const network = { name: 'lab', uuid: lab };
const filter = (more = ''): string => `<filter name="web">${more}</filter>`;
const binding = '<filterbinding><portdev name="vnet0"/></filterbinding>';
const eth9 = { name: 'eth9', xml: '<interface type="ethernet" name="eth9"/>', active: true };
const br9 = { name: 'br9', xml: '<interface type="bridge" name="br9"/>', active: true };
const portXml = `<networkport><uuid>${port}</uuid></networkport>`;
const title = { network: lab, type: 'title', live: true, config: true } as const;
const element = { network: lab, type: 'element', uri: 'urn:x', live: false, config: true } as const;

let driver: ObjectDriver;
beforeEach(() => {
  driver = new ObjectDriver();
  const { filters, bindings, interfaces, ports, metadata } = driver.content;
  filters['old'] = '<filter name="old"/>';
  bindings['vnet1'] = binding.replace('vnet0', 'vnet1');
  interfaces['eth9'] = { xml: eth9.xml, active: true };
  interfaces['br8'] = { xml: br9.xml.replace('br9', 'br8'), active: true };
  ports[port.replace('0f', '0e')] = portXml.replace('0f<', '0e<');
  metadata['config title '] = 'before';
});

/** Actions of libvirt are its procedures, by the same name. */
const procedureOf = (action: Action): ProcedureName | undefined => (isHostAction(action) ? undefined : action.call);

const document = (xml: string, name: string) => ({ xml, name, validate: false });
const known = (name: string) => ({ name, ...driver.content.interfaces[name]! });

const plans: readonly (readonly [string, () => Plan])[] = [
  ['a filter is defined', () => planFilterDefine(document(filter(), 'web'), 'define', undefined)],
  [
    'a filter is redefined',
    () =>
      planFilterDefine(document('<filter name="old"><rule/></filter>', 'old'), 'define', {
        xml: '<filter name="old"/>',
      }),
  ],
  ['a filter is removed', () => planFilterUndefine({ name: 'old', uuid: 'old', xml: '<filter name="old"/>' })],
  ['a binding is created', () => planBindingCreate(document(binding, 'vnet0'))],
  ['a binding is deleted', () => planBindingDelete({ portDev: 'vnet1', xml: driver.content.bindings['vnet1'] ?? '' })],
  ['an interface is defined', () => planInterfaceDefine(document(br9.xml, 'br9'), 'define', undefined)],
  [
    'an interface is redefined',
    () =>
      planInterfaceDefine(
        document('<interface type="ethernet" name="eth9"><mtu size="9000"/></interface>', 'eth9'),
        'define',
        known('eth9'),
      ),
  ],
  ['an interface is undefined', () => planInterfaceUndefine(known('eth9'))],
  ['an interface is stopped', () => planInterfaceStop(known('eth9'))],
  ['a bridge is made over an interface', () => planInterfaceBridge('eth9', br9, true)],
  [
    'a bridge is taken away',
    () => planInterfaceUnbridge(known('br8'), { name: 'eth8', xml: eth9.xml.replace('eth9', 'eth8') }, undefined, true),
  ],
  ['a port is created', () => planPortCreate(network, { xml: portXml, uuid: port, validate: false })],
  [
    'a port is deleted',
    () => planPortDelete(network, { uuid: port.replace('0f', '0e'), xml: portXml.replace('0f<', '0e<') }),
  ],
  [
    'a title is set in both lives',
    () =>
      planMetadata('set', title, { value: 'after', prefix: undefined }, [
        { live: true, config: false, value: undefined },
        { live: false, config: true, value: 'before' },
      ]),
  ],
  [
    'an element is set',
    () =>
      planMetadata('set', element, { value: '<x/>', prefix: 'x' }, [{ live: false, config: true, value: undefined }]),
  ],
  [
    'a title is removed',
    () =>
      planMetadata('set', { ...title, live: false }, { value: undefined, prefix: undefined }, [
        { live: false, config: true, value: 'before' },
      ]),
  ],
];

/** Compares documents by their meaning: rewritten ones have other white space. */
const content = (): unknown => JSON.parse(JSON.stringify(driver.content).replaceAll(/\\n */g, ''));

describe("a change by virsh's names", () => {
  it.each(plans)('where %s, an undo leaves all as it was, and another does it again', async (_, makePlan) => {
    const before = content();
    await run(driver, makePlan());
    const after = content();
    expect(after).not.toEqual(before);
    for (const expected of [before, after]) {
      const [newest] = history(driver.uri);
      await undoEntry(driver, newest!);
      expect(content()).toEqual(expected);
    }
  });

  it.each(plans)('where %s, and libvirt refuses it, all is as it was', async (_, makePlan) => {
    const plan = makePlan();
    const before = content();
    driver.failing = procedureOf(plan.steps.at(-1)!.do);
    const error = await failureOf(run(driver, plan));
    expect(error.message).toMatch(/; everything is as before$/m);
    expect(content()).toEqual(before);
  });
});

describe('a transaction of all interfaces', () => {
  it('is begun, and cannot be undone: libvirt does not report transactions', async () => {
    await run(driver, planInterfaceTransaction('iface-begin', 'begin'));
    expect(driver.content.transactions).toEqual(['begin']);
    const [newest] = history(driver.uri);
    expect(await failureOf(undoEntry(driver, newest!))).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('what kvmnet cannot read', () => {
  it('goes to libvirt unchanged, and cannot be undone', () => {
    const unread = { xml: '<filter', name: undefined, validate: true };
    expect([
      planFilterDefine(unread, 'define', undefined),
      planBindingCreate(unread),
      planInterfaceDefine(unread, 'define', undefined),
      planPortCreate(network, { xml: '<filter', uuid: undefined, validate: true }),
    ]).toMatchObject(
      Array.from({ length: 4 }, () => ({
        steps: [{ do: { xml: '<filter', validate: true }, undo: [], verify: { expect: 'nothing' } }],
      })),
    );
  });
});

describe('a port without a UUID', () => {
  it('gets the one that was chosen, so that it can be found again', () => {
    const fresh = '2b000000-0000-4000-8000-00000000000f';
    const { uuid, xml } = withPortUuid('<networkport><mac address="52:54:00:00:00:01"/></networkport>', fresh);
    expect(uuid).toBe(fresh);
    expect(withPortUuid(xml, 'another')).toEqual({ uuid: fresh, xml });
  });
});

describe('a reading', () => {
  const rows: readonly (readonly [Expectation, string | undefined])[] = [
    [{ expect: 'filter', filter: 'old', defined: true }, undefined],
    [{ expect: 'filter', filter: 'web', defined: true }, 'no filter web is defined'],
    [{ expect: 'filter', filter: 'old', defined: false }, 'the filter old is still defined'],
    [{ expect: 'filter binding', portDev: 'vnet0', present: true }, 'vnet0 has no filter'],
    [{ expect: 'filter binding', portDev: 'vnet1', present: false }, 'vnet1 still has a filter'],
    [{ expect: 'interface', name: 'br9', defined: true }, 'the interface br9 is not defined'],
    [{ expect: 'interface', name: 'eth9', active: false }, 'the interface eth9 is still active'],
    [{ expect: 'interface', name: 'eth9', defined: false }, 'the interface eth9 is still defined'],
    [{ expect: 'port', network: lab, port, present: true }, `the network has no port ${port}`],
    [{ expect: 'metadata', ...title, present: true }, 'the title of the network is not set'],
    [{ expect: 'metadata', ...title, live: false, present: true }, undefined],
    [{ expect: 'nothing' }, undefined],
  ];

  it.each(rows)('for %j lacks: %s', async (expected, lacking) => {
    expect(await verify(driver, expected, { guest: 0, other: 0 })).toBe(lacking);
  });

  it('of what was started shows it', async () => {
    driver.content.interfaces['eth9']!.active = false;
    await run(driver, planInterfaceStart(eth9));
    expect(driver.content.interfaces['eth9']).toMatchObject({ active: true });
  });
});
