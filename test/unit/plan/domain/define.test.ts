import { describe, expect, it } from '@jest/globals';
import { findDefined, nicRemarks, planDomainDefine, uuidOf } from '../../../../src/plan/domain/define.ts';
import { planUndo } from '../../../../src/plan/undo.ts';
import { parseDomain } from '../../../../src/xml/domain.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../state.ts';

const uuid = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';
const xml = (inside = '', os = ''): string =>
  `<domain type='kvm'><name>VM1</name><uuid>${uuid}</uuid><os><type>hvm</type>${os}</os><devices>${inside}</devices></domain>`;
const nic = (source: string, mac = ''): string =>
  `<interface type='${source.split('=')[0] ?? ''}'>${mac === '' ? '' : `<mac address='${mac}'/>`}<source ${source}/></interface>`;
const existing = domainState(xml(), xml());
const asked = { xml: xml('<input type="tablet"/>'), name: 'VM1', uuid, validate: false };

describe('the plan of a definition', () => {
  it('undefines a new domain again, and keeps what firmware and TPM have written by then', () => {
    const plan = planDomainDefine(asked, undefined, stateWith());
    expect(plan.title).toBe('define VM1');
    expect(plan.steps).toMatchObject([
      {
        do: { call: 'domainDefine', xml: asked.xml },
        undo: [{ call: 'domainUndefine', domain: uuid }],
        verify: { defined: true },
      },
    ]);
    const efi = { ...asked, xml: xml(`<tpm><backend type='emulator'/></tpm>`, `<loader>/efi</loader>`) };
    expect(planDomainDefine(efi, undefined, stateWith()).steps[0]?.undo).toMatchObject([{ flags: 8 | 64 }]);
    expect(planUndo(plan, [], stateWith({ domains: [existing] })).consent).toEqual([
      expect.stringMatching('VM1 is running, and disappears when it stops'),
    ]);
  });

  it('is undone by the old definition with its secrets, and reports when the new one takes effect', () => {
    const definition = xml(`<graphics type='vnc' passwd='secret'/>`);
    const plan = planDomainDefine({ ...asked, validate: true }, { facts: existing, definition }, stateWith());
    expect(plan.steps).toMatchObject([
      { title: 'redefine VM1', do: { validate: true }, undo: [{ call: 'domainDefine', xml: definition }] },
    ]);
    expect(plan.warnings).toEqual([expect.stringMatching('VM1 is running: the new definition takes effect')]);
    expect(planUndo(plan, [], stateWith()).steps).toMatchObject([{ verify: { expect: 'domain', defined: true } }]);
  });

  it('makes a transient domain persistent, and transient again', () => {
    const plan = planDomainDefine(asked, { facts: existing, definition: undefined }, stateWith());
    expect(plan.steps).toMatchObject([{ title: 'define VM1', undo: [{ call: 'domainUndefine' }] }]);
  });
});

describe('the domain that a definition is of', () => {
  const state = { domains: [existing] };

  it('has its name and its UUID, or is new', () => {
    expect(findDefined('VM1', uuid, state)).toBe(existing);
    expect(findDefined('VM2', other, state)).toBeUndefined();
    expect(findDefined('VM2', undefined, state)).toBeUndefined();
  });

  it.each([
    ['VM2', uuid, /^the UUID .* is taken by domain VM1$/, /<uuid>/],
    ['VM1', other, /^domain VM1 already exists, with the UUID 1{8}/, /kvmnet vm edit VM1/],
    ['VM1', undefined, /^domain VM1 already exists/, /kvmnet vm edit VM1/],
  ])('is refused as %s with the UUID %s', (name, id, message, hint) => {
    expect(() => findDefined(name, id, state)).toThrow(
      expect.objectContaining({
        code: 'CONFLICT',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    );
  });

  it.each([
    [uuid, uuid],
    [uuid.toUpperCase().replaceAll('-', ''), uuid],
    [undefined, undefined],
  ])('is found by the UUID %s as libvirt reads it', (given, expected) => {
    expect(uuidOf({ uuid: given })).toBe(expected);
  });

  it('has no UUID that is none', () => {
    expect(() => uuidOf({ uuid: '12-34' })).toThrow(expect.objectContaining({ code: 'INPUT' }));
  });
});

describe('the NICs of a definition', () => {
  const mac = '52:54:00:00:00:01';
  const state = stateWith({
    networks: [networkState(defaultNetwork)],
    host: hostWith([link('virbr0', { kind: 'bridge' })]),
    domains: [existing, { ...domainState(xml(nic(`network='default'`, mac))), uuid: other, name: 'VM2' }],
  });
  const remarks = (...nics: readonly string[]): readonly string[] =>
    nicRemarks(parseDomain(xml(nics.join(''))), uuid, state);

  it('are fine where all exists and no MAC is taken, by others than the domain itself', () => {
    expect(remarks(nic(`network='default'`), nic(`network='default'`, '52:54:00:00:00:02'))).toEqual([]);
    expect(nicRemarks(parseDomain(xml(nic(`network='default'`, mac))), other, state)).toEqual([]);
  });

  it('are named where what they need does not exist, or their MAC is taken', () => {
    expect(remarks(nic(`network='defualt'`), nic(`bridge='br0'`), nic(`network='default'`, mac.toUpperCase()))).toEqual(
      [
        expect.stringMatching(/^VM1 needs network defualt, .*; did you mean default/),
        expect.stringMatching(/^VM1 needs br0 of the host/),
        `the MAC ${mac} is taken by NIC 0 of VM2: without <mac> libvirt chooses one`,
      ],
    );
  });

  it('are named where two of them have one MAC', () => {
    const twin = nic(`network='default'`, '52:54:00:00:00:03');
    expect(remarks(twin, twin)).toEqual([expect.stringMatching('taken by NIC 0 of VM1')]);
  });
});
