import { describe, expect, it } from '@jest/globals';
import { planSync, type SyncTarget } from '../../../../src/plan/nic/sync.ts';
import type { State } from '../../../../src/state/state.ts';
import { domainState, networkState, stateWith } from '../state.ts';

const [first, second] = ['52:54:00:00:00:01', '52:54:00:00:00:02'];

const nic = (mac: string | undefined, inside: string, type = 'network'): string =>
  `<interface type='${type}'><mac address='${mac ?? ''}'/>${inside}</interface>`;
const vm = (...nics: readonly string[]): string =>
  `<domain type='kvm'><name>VM1</name><devices><controller type='pci' index='0' model='pcie-root'/><controller type='pci' index='1' model='pcie-root-port'/>${nics.join('')}</devices></domain>`;

const keennet = networkState(`<network><name>keennet</name><bridge name='keenbr0'/>
  <portgroup name='slow'><bandwidth><inbound average='100'/></bandwidth></portgroup></network>`);
const networks = [keennet, networkState(`<network><name>other</name><bridge name='b1'/></network>`, { active: false })];

/** As libvirt shows a running guest's NIC: with what it chose. */
const chosen = `<target dev='vnet3'/><model type='virtio'/><alias name='net0'/><address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>`;
const live = (source = `<source network='keennet' portid='7f0c' bridge='keenbr0'/>`, more = ''): string =>
  nic(first, `${source}${more}${chosen}`);
const config = (source = `<source network='keennet'/>`, more = ''): string =>
  nic(first, `${source}<model type='virtio'/>${more}`);

function plan(
  target: SyncTarget,
  configNics: readonly string[],
  liveNics: readonly string[],
  given: Partial<State> = {},
) {
  const domain = domainState(vm(...configNics), vm(...liveNics));
  return planSync(domain, target, stateWith({ networks, domains: [domain], ...given }));
}

const calls = (...given: Parameters<typeof plan>) =>
  plan(...given).steps.map(({ do: action }) =>
    'live' in action && 'xml' in action ? [action.call, action.live ? 'live' : 'config', action.xml] : [action.call],
  );

describe('making the definitions of NICs agree', () => {
  it.each<SyncTarget>(['live', 'config'])('is nothing to do where %s differs in what libvirt chose only', (target) => {
    expect(plan(target, [config()], [live()]).steps).toEqual([]);
  });

  it('does not take for the NIC’s own what its portgroup gives it', () => {
    const group = `<source network='keennet' portgroup='slow'/>`;
    const shown = `<bandwidth><inbound average='100'/></bandwidth>`;
    expect(plan('config', [config(group)], [live(group, shown)]).steps).toEqual([]);
    const own = `<bandwidth><inbound average='200'/></bandwidth>`;
    expect(plan('config', [config(group)], [live(group, own)]).steps).toHaveLength(1);
  });

  it('gives the next boot what only the running guest has, without its tap, alias and port, in the same slot', () => {
    const [[call, life, xml] = []] = calls('config', [], [live()]);
    expect([call, life]).toEqual(['domainAttachDevice', 'config']);
    expect(xml).toContain('<source network="keennet"/>');
    expect(xml).toContain('bus="0x01"');
    expect(xml).not.toMatch(/vnet3|net0|portid|keenbr0/);
  });

  it('lets libvirt choose another slot where that one is taken', () => {
    const taken = nic(
      second,
      `<source network='keennet'/><address type='pci' domain='0' bus='1' slot='0' function='0'/>`,
    );
    const [[call, , xml] = []] = calls('config', [taken], [live(), taken]);
    expect(call).toBe('domainAttachDevice');
    expect(xml).not.toContain('bus=');
  });

  it('removes from the next boot what the running guest does not have', () => {
    expect(calls('config', [config()], []).map(([call, life]) => [call, life])).toEqual([
      ['domainDetachDevice', 'config'],
    ]);
  });

  it('changes what differs, and nothing else of the definition that is changed', () => {
    const [[call, life, xml] = []] = calls(
      'config',
      [config(undefined, `<rom bar='off'/>`)],
      [live(undefined, `<link state='down'/>`)],
    );
    expect([call, life]).toEqual(['domainUpdateDevice', 'config']);
    expect(xml).toMatch(/<rom bar="off"\/>/);
    expect(xml).toMatch(/<link state="down"\/>/);
    expect(xml).not.toContain('vnet3');
  });

  it('moves a running guest with its link down and up, so that it asks for a new lease', () => {
    const there = networkState(`<network><name>other</name><bridge name='b1'/></network>`);
    const { steps } = plan('live', [config(`<source network='other'/>`)], [live()], { networks: [keennet, there] });
    expect(steps.map(({ verify }) => verify.expect === 'nic' && verify.live)).toEqual([
      { source: 'other', link: 'down' },
      { source: 'other', link: 'up' },
    ]);
  });

  it('asks before a running guest loses a NIC', () => {
    expect(plan('live', [], [live()]).consent).toEqual([
      `VM1 loses NIC ${first} (keennet), which its next boot does not have`,
    ]);
  });

  it('refuses what cannot change while the guest runs, and a network that is not active', () => {
    expect(() => plan('live', [nic(first, `<source network='keennet'/><model type='e1000e'/>`)], [live()])).toThrow(
      `the model of NIC ${first} of VM1 cannot change while it runs`,
    );
    expect(() => plan('live', [config(`<source network='other'/>`)], [])).toThrow('to network other: it is not active');
  });

  it('refuses two NICs with one MAC, and a transient domain; one that is off has nothing to agree', () => {
    expect(() => plan('config', [], [live(), live()])).toThrow('VM1 has several NICs with the MAC');
    const domain = { ...domainState(vm(), vm()), persistent: false };
    expect(() => planSync(domain, 'config', stateWith({ networks }))).toThrow('VM1 is transient');
    expect(planSync(domainState(vm(config())), 'live', stateWith({ networks })).steps).toEqual([]);
  });
});
