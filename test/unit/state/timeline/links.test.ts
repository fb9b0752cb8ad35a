import { describe, expect, it } from '@jest/globals';
import type { LinkMessage } from '../../../../src/records/timeline.ts';
import { LinkTable } from '../../../../src/state/timeline/links.ts';
import { ipv4, link } from '../../plan/state.ts';

type Message = Extract<LinkMessage, { kind: 'link' }>;

const message = (given: Partial<Message>): Message => ({
  ...{ kind: 'link', isDeleted: false, index: 50, name: 'vnet3', up: true, operstate: 'UP', mtu: 1500 },
  ...{ master: undefined, mac: 'fe:54:00:00:00:01' },
  ...given,
});
const address = (given: Partial<Extract<LinkMessage, { kind: 'address' }>>): LinkMessage => ({
  ...{ kind: 'address', isDeleted: false, index: 50, name: 'vnet3', scope: 'global', address: '10.0.0.1/24' },
  ...given,
});
const events = (table: LinkTable, ...messages: readonly LinkMessage[]): readonly string[] =>
  messages
    .flatMap((each) => table.take(each))
    .map(({ event, ...more }) => ('name' in more ? `${more.name} ${event}` : event));

describe('messages about links', () => {
  it('are events only where something differs', () => {
    const table = new LinkTable([]);
    expect(events(table, message({ up: false, operstate: 'DOWN' }), message({ up: false, operstate: 'DOWN' }))).toEqual(
      ['vnet3 created'],
    );
    expect(events(table, message({ up: false, operstate: 'DOWN', master: 'br0', mac: 'fe:54:00:00:00:02' }))).toEqual([
      'vnet3 joined',
    ]);
    expect(events(table, message({ master: 'br0', operstate: 'DOWN' }), message({ master: 'br0' }))).toEqual([
      ...['vnet3 up', 'vnet3 mac', 'vnet3 carrier'].filter((text) => text !== 'vnet3 mac'),
    ]);
    expect(events(table, message({ master: 'br1', mtu: 1400 }))).toEqual(['vnet3 left', 'vnet3 joined', 'vnet3 mtu']);
    expect(events(table, message({ name: 'tap', master: 'br1', mtu: 1400, mac: 'fe:54:00:00:00:09' }))).toEqual([
      'tap renamed',
      'tap mac',
    ]);
    expect(events(table, message({ isDeleted: true }), message({ isDeleted: true }))).toEqual(['tap deleted']);
  });

  it('about addresses are events once, and messages about link-local addresses are none', () => {
    const table = new LinkTable([]);
    table.take(message({}));
    const local = address({ scope: 'link', address: 'fe80::1/64' });
    expect(events(table, address({}), address({}), local)).toEqual(['vnet3 added']);
    expect(events(table, address({ isDeleted: true }), address({ isDeleted: true }))).toEqual(['vnet3 removed']);
  });

  it('that were lost are made up for by the present links', () => {
    const known = link('eth0', { index: 51, addresses: [ipv4('192.0.2.5', 24)] });
    const table = new LinkTable([known]);
    expect(table.catchUp([known])).toEqual([]);
    const br0 = link('br0', { kind: 'bridge', index: 60 });
    expect(table.catchUp([{ ...known, master: 'br0', addresses: [] }, br0])).toMatchObject([
      ...[
        { event: 'joined', master: 'br0' },
        { event: 'removed', address: '192.0.2.5/24' },
      ],
      { name: 'br0', event: 'created' },
    ]);
    expect(table.catchUp([br0])).toMatchObject([{ name: 'eth0', event: 'deleted' }]);
  });
});
