import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  findPath,
  formatDot,
  formatHtml,
  formatMermaid,
  formatSvg,
  formatText,
  parseDomain,
  parseNetwork,
  readTopologyPage,
  topologyOf,
  type State,
  type Topology,
} from 'kvmnet';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { chromium } from 'playwright-core';
import { expectWithin } from '../helpers/figure.ts';

const guestsOfANetwork = 100;
const now = 1_700_000_000;

const count = <T>(number: number, make: (index: number) => T): T[] =>
  Array.from({ length: number }, (_, index) => make(index));

type Link = NonNullable<State['host']>['links'][number];

const link = (name: string, given: Partial<Link> = {}): Link => ({
  ...{ name, index: 2, type: 'ether', kind: undefined, mac: undefined, mtu: 1500, up: true, master: undefined },
  ...{ wireless: false, operstate: 'UP', parent: undefined, permanentMac: undefined, addresses: [] },
  ...given,
});

const hex = (number: number): string => number.toString(16).padStart(2, '0');

/** Each with its guests: half of them are networks of libvirt with leases, the others bridges of the host with neighbor entries. */
function hostWith(bridges: number) {
  const subnet = (bridge: number): string => `10.${String(bridge >> 8)}.${String(bridge & 255)}`;
  const isNetwork = (bridge: number): boolean => bridge % 2 === 0;
  const guests = count(bridges, (bridge) =>
    count(guestsOfANetwork, (place) => ({
      ...{
        bridge,
        name: `vm${String(bridge)}-${String(place)}`,
        tap: `vnet${String(bridge * guestsOfANetwork + place)}`,
      },
      ...{ mac: `52:54:00:${hex(bridge)}:00:${hex(place)}`, address: `${subnet(bridge)}.${String(place + 2)}` },
    })),
  ).flat();
  const networks = count(bridges, (bridge) => bridge)
    .filter(isNetwork)
    .map((bridge) => {
      const name = `net${String(bridge)}`;
      const xml = `<network><name>${name}</name><forward mode='nat'/><bridge name='b${String(bridge)}'/><ip address='${subnet(bridge)}.1' prefix='24'/></network>`;
      const network = parseNetwork(xml);
      const leases = guests
        .filter((guest) => guest.bridge === bridge)
        .map(({ mac, address }) => ({
          ...({
            interface: `b${String(bridge)}`,
            expires: now + 3600,
            family: 'ipv4',
            prefix: 24,
            mac,
            address,
          } as const),
          ...{ hostname: undefined, clientId: undefined },
        }));
      const plain = { name, uuid: name, active: true, persistent: true, autostart: true, bridge: `b${String(bridge)}` };
      return { ...plain, xml, network, inactiveXml: xml, inactive: network, leases };
    });
  const domains = guests.map(({ bridge, name, tap, mac }, index) => {
    const source = isNetwork(bridge) ? `network='net${String(bridge)}'` : `bridge='b${String(bridge)}'`;
    const type = isNetwork(bridge) ? 'network' : 'bridge';
    const xml = `<domain type='kvm'><name>${name}</name><devices><interface type='${type}'><mac address='${mac}'/><source ${source}/><target dev='${tap}'/></interface></devices></domain>`;
    const domain = parseDomain(xml);
    const plain = { name, uuid: name, id: index, active: true, persistent: true, autostart: false, state: 'running' };
    return { ...plain, xml, domain, inactiveXml: xml, inactive: domain };
  });
  const links = [
    link('eth0'),
    ...count(bridges, (bridge) => link(`b${String(bridge)}`, { kind: 'bridge' })),
    ...guests.map(({ bridge, tap, mac }) =>
      link(tap, { kind: 'tun', master: `b${String(bridge)}`, mac: `fe${mac.slice(2)}` }),
    ),
  ];
  const state: State = {
    connection: { uri: 'qemu:///system', hypervisor: 'QEMU', libvirtVersion: 9_000_000 },
    ...{ networks, domains },
    host: { links, routes: [{ destination: '0.0.0.0/0', dev: 'eth0', gateway: '192.0.2.1', table: 'main' }] },
  };
  const neighbors = guests
    .filter(({ bridge }) => !isNetwork(bridge))
    .map(({ bridge, mac, address }) => ({ family: 'ipv4', dev: `b${String(bridge)}`, mac, address, seen: 1 }) as const);
  return { state, neighbors };
}

const page = readTopologyPage();

const drawings: Readonly<Record<string, (topology: Topology) => string>> = {
  text: (topology) => formatText(topology, { width: 120, paint: (_status, text) => text }),
  dot: formatDot,
  mermaid: formatMermaid,
  svg: (topology) => formatSvg(topology),
  html: (topology) => formatHtml(topology, page, { host: 'host1', time: new Date(0) }),
};

describe('a host with 100 guests on each of its networks and bridges', () => {
  const sizes = [25, 50, 100];
  const hosts = sizes.map(hostWith);
  const nat = { forwards: [], sources: [] };
  const pathFacts = { nat, now, packets: undefined };
  const graphs: Readonly<Record<string, (host: (typeof hosts)[number]) => unknown>> = {
    graph: ({ state, neighbors }) => topologyOf(state, { nat, now, neighbors }),
    ...Object.fromEntries(
      Object.entries(drawings).map(([name, draw]) => {
        const topologies = new Map(
          hosts.map((host) => [host, topologyOf(host.state, { nat, now, neighbors: host.neighbors })]),
        );
        return [name, (host: (typeof hosts)[number]) => draw(topologies.get(host)!)];
      }),
    ),
  };

  it.each(Object.keys(graphs))(
    'has its %s in seconds, which take little more than twice as long for twice as many',
    (name) => {
      const seconds = hosts.map((host) => {
        const each = count(3, () => {
          const started = performance.now();
          graphs[name]!(host);
          return (performance.now() - started) / 1000;
        });
        return Math.min(...each);
      });
      const ratios = seconds.slice(1).map((value, index) => value / seconds[index]!);
      process.stdout.write(
        `${name}: ${seconds.map((value) => value.toFixed(2)).join(' -> ')} s for ${sizes.join(', ')} networks, ratios ${ratios.map((ratio) => ratio.toFixed(1)).join(', ')}\n`,
      );
      expectWithin(`${name} of 10,000 guests`, seconds.at(-1)!, 5);
      // Four would be quadratic.
      expect(Math.max(...ratios)).toBeLessThan(3.2);
    },
  );

  it('has a path between two guests found in seconds, which take little more than twice as long for twice as many', () => {
    const seconds = hosts.map(({ state, neighbors }, index) => {
      const last = sizes[index]! - 1;
      const each = count(3, () => {
        const started = performance.now();
        // From a network of libvirt to a bridge, and to another network.
        for (const to of [`vm${String(last)}-99`, `vm${String(last - 1)}-7`, 'outside'])
          expect(findPath({ from: 'vm0-1', to }, state, { ...pathFacts, neighbors }).hops).not.toEqual([]);
        return (performance.now() - started) / 1000;
      });
      return Math.min(...each);
    });
    const ratios = seconds.slice(1).map((value, index) => value / seconds[index]!);
    process.stdout.write(
      `path: ${seconds.map((value) => value.toFixed(3)).join(' -> ')} s for ${sizes.join(', ')} networks, ratios ${ratios.map((ratio) => ratio.toFixed(1)).join(', ')}\n`,
    );
    expectWithin('three paths among 10,000 guests', seconds.at(-1)!, 5);
    // Four would be quadratic.
    expect(Math.max(...ratios)).toBeLessThan(3.2);
  });

  describe('as a page in a browser', () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(`${tmpdir()}/kvmnet-bench-`);
      const { state, neighbors } = hosts.at(-1)!;
      await writeFile(`${folder}/page.html`, drawings['html']!(topologyOf(state, { nat, now, neighbors })));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it('opens, and finds one of 10,000 guests', async () => {
      const browser = await chromium.launch({
        executablePath: '/usr/bin/chromium-headless-shell',
        args: ['--no-sandbox'],
      });
      const tab = await browser.newPage();
      const timed = async (task: () => Promise<unknown>): Promise<number> => {
        const started = performance.now();
        await task();
        return (performance.now() - started) / 1000;
      };
      try {
        expectWithin('to open the page', await timed(() => tab.goto(`file://${folder}/page.html#vm:vm99-99`)), 15);
        expect(await tab.locator('#details h2').innerText()).toBe('vm99-99');
        expectWithin('to search it', await timed(() => tab.getByLabel('Search').fill('10.0.7.9')), 5);
        expect(await tab.locator('#found').innerText()).toMatch(/^\d+ matches$/);
      } finally {
        await browser.close();
      }
    });
  });
});
