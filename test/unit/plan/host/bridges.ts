import type { BridgeOptions } from '../../../../src/plan/host/bridge.ts';
import type { Plan } from '../../../../src/plan/step.ts';
import type { HostState, State } from '../../../../src/state/state.ts';
import type { Link } from '../../../../src/records/link.ts';
import { domainState, hostWith, link, stateWith } from '../state.ts';

export const plain: BridgeOptions = {
  name: 'br0',
  ports: [],
  stp: false,
  vlanFiltering: false,
  randomMac: '02:00:00:00:00:99',
};
export const nic = link('eno1', { mac: '00:16:3e:00:00:01' });
const settings = {
  ...{ stp: false, forwardDelay: 0, helloTime: 2, maxAge: 20, ageingTime: 300, priority: 32_768 },
};
const facts = { vlanFiltering: false, id: '8000.1', root: '8000.1', rootPathCost: 0, topologyChanges: false };
export const bridge = (name: string, given: Partial<Link> = {}): Link =>
  link(name, { kind: 'bridge', mac: '02:00:00:00:00:01', bridge: { ...settings, ...facts }, ...given });
export const on = (links: readonly Link[], more: Partial<State> = {}, routes: HostState['routes'] = []): State =>
  stateWith({ host: hostWith(links, routes), ...more });

const guest = (source: string): string =>
  `<domain type='kvm'><name>VM1</name><devices><interface type='bridge'><mac address='52:54:00:00:00:01'/>${source}</interface></devices></domain>`;
export const onBr0 = domainState(guest("<source bridge='br0'/>"), guest("<source bridge='br0'/><target dev='vnet0'/>"));
export const tap = link('vnet0', { kind: 'tun', master: 'br0' });

export function commands(plan: Plan): string[] {
  return plan.steps.flatMap(({ do: action }) =>
    action.call === 'hostLinks' ? action.commands.map((words) => words.join(' ')) : [],
  );
}
