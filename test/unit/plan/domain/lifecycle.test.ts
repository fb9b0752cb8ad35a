import { describe, expect, it } from '@jest/globals';
import { planDomainStart, planDomainStop } from '../../../../src/plan/domain/lifecycle.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../state.ts';

const domain = (...sources: readonly string[]) => {
  const nics = sources.map(
    (source) => `<interface type='${/^\w+/.exec(source)![0].replace('dev', 'direct')}'><source ${source}/></interface>`,
  );
  return `<domain type='kvm'><name>VM1</name><devices>${nics.join('')}</devices></domain>`;
};
const shutOff = (...sources: readonly string[]) => domainState(domain(...sources));
const idle = networkState(defaultNetwork, { active: false });
const lan = networkState(`<network><name>lan</name><forward mode='bridge'/><bridge name='br9'/></network>`);
const state = stateWith({ networks: [idle, lan], host: hostWith([link('br0', { kind: 'bridge' }), link('eno1')]) });

describe('the plan of vm start', () => {
  it('only starts the domain if all that it needs exists', () => {
    const plan = planDomainStart(shutOff(`bridge='br0'`, `dev='eno1' mode='bridge'`), state);
    expect(plan).toMatchObject({
      steps: [{ do: { call: 'domainStart' }, undo: [{ call: 'domainDestroy' }] }],
      consent: [],
    });
  });

  it('starts each inactive network first and once, with consent, also one whose bridge is named', () => {
    const networks = shutOff(`network='default'`, `network='default'`, `bridge='virbr0'`);
    expect(planDomainStart(networks, state)).toMatchObject({
      steps: [{ do: { call: 'networkStart', network: idle.uuid } }, { do: { call: 'domainStart' } }],
      consent: ['VM1 needs network default, which is not active and has to be started'],
    });
  });

  it.each([
    [`network='defalt'`, 'VM1 needs network defalt, which does not exist', 'did you mean default?'],
    [`bridge='br1'`, 'VM1 needs br1 of the host, which does not exist', 'did you mean br0?'],
    [`dev='xyz' mode='bridge'`, 'VM1 needs xyz of the host, which does not exist', /vm move --config/],
    [`network='lan'`, 'VM1 needs bridge br9 of the host for network lan, which does not exist', /vm move --config/],
  ])('is refused with <source %s> that does not exist', (source, message, hint) => {
    expect(() => planDomainStart(shutOff(source), state)).toThrow(
      expect.objectContaining({ code: 'NOTFOUND', message, hint: expect.stringMatching(hint) }),
    );
  });

  it('believes what it cannot see of a remote host', () => {
    const { host: _host, ...remote } = state;
    expect(planDomainStart(shutOff(`bridge='br1'`), { ...remote, host: undefined }).steps).toHaveLength(1);
  });

  it('is empty for a domain that runs', () => {
    expect(planDomainStart(domainState(domain(), domain()), state).steps).toEqual([]);
  });
});

describe('the plan of vm stop', () => {
  const running = domainState(domain(), domain());

  it('asks, and offers to power the guest off', () => {
    const [step] = planDomainStop(running, { force: false }).steps;
    expect(step).toMatchObject({ do: { call: 'domainShutdown' }, undo: [], verify: { active: false } });
    expect(step?.unmet?.hint).toMatch('kvmnet vm stop VM1 --force');
    expect(planDomainStop(running, { force: true }).steps).toMatchObject([{ do: { call: 'domainDestroy' } }]);
  });

  it('is empty for a domain that is shut off', () => {
    expect(planDomainStop(shutOff(), { force: true }).steps).toEqual([]);
  });
});
