/** A kernel of a few lines: what the ip commands of a plan make of a host, so that a plan can be made again afterwards. */
import type { WholeHost } from '../../../../src/state/state.ts';
import type { Address, Link } from '../../../../src/records/link.ts';
import type { Plan, Step } from '../../../../src/plan/step.ts';
import { ipv4, link } from '../state.ts';

/** The host once a plan is done. @throws Error for a command that the kernel would refuse */
export function after(plan: Plan, host: WholeHost): WholeHost {
  return plan.steps.reduce((state, step) => afterStep(step, state), host);
}

function afterStep({ do: action }: Step, host: WholeHost): WholeHost {
  if (action.call !== 'hostLinks' || action.netns !== undefined) return host;
  return action.commands.reduce(run, host);
}

export function run(host: WholeHost, words: readonly string[]): WholeHost {
  const [object, verb] = words;
  if (object === 'route') return { ...host, routes: [...host.routes, routeOf(words)] };
  if (object === 'netns') return host;
  if (verb === 'add' && object === 'link') return { ...host, links: [...host.links, created(words, host)] };
  const name = value(words, 'dev') ?? '';
  if (!host.links.some((each) => each.name === name)) throw new Error(`Cannot find device ${name}`);
  if (verb === 'delete' && object === 'link') return deleted(name, host);
  return { ...host, links: host.links.map((each) => (each.name === name ? changed(each, words, host) : each)) };
}

function value(words: readonly string[], key: string): string | undefined {
  const place = words.indexOf(key);
  return place < 0 ? undefined : words[place + 1];
}

function created(words: readonly string[], { links }: WholeHost): Link {
  const name = value(words, 'name')!;
  if (links.some((each) => each.name === name)) throw new Error(`${name}: File exists`);
  const kind = value(words, 'type');
  const parent = links.find((each) => each.name === value(words.slice(2), 'link'));
  if (kind === 'vlan' && !parent) throw new Error(`${name}: no parent`);
  const fresh = link(name, { kind, up: false, parent: parent?.name, mac: value(words, 'address') ?? parent?.mac });
  if (kind === 'vlan')
    return { ...fresh, vlan: { id: Number(value(words, 'id')), protocol: value(words, 'protocol')! } };
  if (kind === 'macvlan') return { ...fresh, macvlan: { mode: value(words, 'mode')! } };
  if (kind === 'bond')
    return { ...fresh, bond: { mode: value(words, 'mode')!, miimon: 100, active: undefined, primary: undefined } };
  return kind === 'bridge' ? { ...fresh, bridge: bridgeOf(words, bridgeDefaults) } : fresh;
}

const bridgeDefaults: NonNullable<Link['bridge']> = {
  ...{
    stp: false,
    forwardDelay: 15,
    helloTime: 2,
    maxAge: 20,
    ageingTime: 300,
    priority: 32_768,
    vlanFiltering: false,
  },
  ...{ id: '8000.0', root: '8000.0', rootPathCost: 0, topologyChanges: false },
};

/** As net/bridge/br_netlink.c reads one message: the delay first, whatever the order of the words. */
function bridgeOf(words: readonly string[], is: NonNullable<Link['bridge']>): NonNullable<Link['bridge']> {
  const [stp, delay] = [value(words, 'stp_state'), value(words, 'forward_delay')];
  if (delay !== undefined && is.stp && Number(delay) < 200) throw new Error('Numerical result out of range');
  const on = stp === undefined ? is.stp : stp === '1';
  const wanted = delay === undefined ? is.forwardDelay : Number(delay) / 100;
  const other = (key: string, now: number, unit: number): number =>
    value(words, key) === undefined ? now : Number(value(words, key)) / unit;
  return {
    ...is,
    stp: on,
    forwardDelay: on && !is.stp ? Math.max(wanted, 2) : wanted,
    helloTime: other('hello_time', is.helloTime, 100),
    maxAge: other('max_age', is.maxAge, 100),
    ageingTime: other('ageing_time', is.ageingTime, 100),
    priority: other('priority', is.priority, 1),
    vlanFiltering:
      value(words, 'vlan_filtering') === undefined ? is.vlanFiltering : value(words, 'vlan_filtering') === '1',
  };
}

function deleted(name: string, { links, routes }: WholeHost): WholeHost {
  const left = links.filter((each) => each.name !== name && !(each.parent === name && each.kind !== 'veth'));
  const freed = left.map((each) => (each.master === name ? { ...each, master: undefined } : each));
  return { links: freed, routes: routes.filter(({ dev }) => dev !== name) };
}

function changed(is: Link, words: readonly string[], { links }: WholeHost): Link {
  if (words[0] === 'address') {
    const [address = '', prefix] = words[2]!.split('/');
    const given: Address = { ...ipv4(address, Number(prefix)), family: address.includes(':') ? 'ipv6' : 'ipv4' };
    const others = is.addresses.filter((each) => each.address !== address);
    return { ...is, addresses: words[1] === 'delete' ? others : [...others, given] };
  }
  const master = value(words, 'master');
  if (master !== undefined && !links.some((each) => each.name === master)) throw new Error(`no master ${master}`);
  const parent = links.find((each) => each.name === is.parent);
  if (words.at(-1) === 'up' && is.kind === 'vlan' && parent?.up === false) throw new Error('Network is down');
  return {
    ...is,
    up: words.at(-1) === 'up' ? true : words.at(-1) === 'down' ? false : is.up,
    master: words.at(-1) === 'nomaster' ? undefined : (master ?? is.master),
    mac: value(words, 'address') ?? is.mac,
    mtu: Number(value(words, 'mtu') ?? is.mtu),
    ...(is.bridge ? { bridge: bridgeOf(words, is.bridge) } : {}),
  };
}

function routeOf(words: readonly string[]): WholeHost['routes'][number] {
  return { destination: words[2]!, gateway: value(words, 'via'), dev: value(words, 'dev'), table: 'main' };
}
