import { describe, expect, it } from '@jest/globals';
import { prefixOf } from '../../../../src/config/persist-device.ts';
import { persistModel } from '../../../../src/plan/persist/model.ts';
import { persistChanges } from '../../../../src/plan/persist/persist.ts';
import { configFormats, readConfig } from '../../../../src/config/config.ts';
import { ifcfgValues } from '../../../../src/config/ifcfg/read.ts';
import { bridged, changed, mixed, present, tree, vlans } from './hosts.ts';

const hosts = { bridged, vlans, mixed };
const cases = Object.keys(hosts).flatMap((name) =>
  configFormats.map((format) => [name as keyof typeof hosts, format] as const),
);

describe('the files of a host', () => {
  it.each(cases)('%s are written for %s as the fixture has them, and a second time nothing changes', (name, format) => {
    const model = persistModel(hosts[name], []);
    const before = tree(`${name}/${format}/before`);
    const after = changed(before, persistChanges(format, model, present(before, format)).changes);
    expect(after).toEqual(tree(`${name}/${format}/after`));
    expect(persistChanges(format, model, present(after, format)).changes).toEqual([]);
  });

  it('are restored, line by line, when the devices are deleted', () => {
    const before = tree('vlans/ifcfg/after');
    const host = { ...vlans, links: vlans.links.filter(({ name }) => !name.includes('20')) };
    const model = persistModel(host, [], { only: ['eno16777736.20', 'brvlan-20'] });
    const after = changed(before, persistChanges('ifcfg', model, present(before, 'ifcfg')).changes);
    expect(after).toEqual(before.filter(({ path }) => !path.includes('20')));
  });
});

/** The keys and values of a file, in one spelling, without defaults. */
function sense(text: string): ReadonlyMap<string, string> {
  const config = readConfig({ path: 'ifcfg-x', text }, 'ifcfg');
  if (config.format !== 'ifcfg') throw new Error('not an ifcfg file');
  const value = ifcfgValues(config);
  const defaults = ['PEERDNS=yes', 'PEERROUTES=yes', 'IPV4_FAILURE_FATAL=no', 'BOOTPROTO=none'];
  const said = [...new Set(config.parsed.entries.map(({ key }) => key))].map(
    (key) => [key, value(key)?.value ?? ''] as const,
  );
  return new Map(
    said
      .map(
        ([key, word]) =>
          [
            key,
            key === 'TYPE' ? word.toLowerCase() : key === 'BOOTPROTO' ? word.replace('static', 'none') : word,
          ] as const,
      )
      .map(([key, word]) =>
        /^(NETMASK|PREFIX)$/.test(key) ? (['PREFIX', String(prefixOf(word))] as const) : ([key, word] as const),
      )
      .filter(([key, word]) => !defaults.includes(`${key}=${word}`)),
  );
}

describe('ifcfg files', () => {
  const published = [
    ['br0', 'bridged', 'ifcfg-br0'],
    ['brvlan-10', 'vlans', 'ifcfg-brvlan-10'],
    ['brvlan-10', 'vlans', 'ifcfg-eno16777736.10'],
  ] as const;

  /** Labels, and what kvmnet adds: no wait for STP, a MAC that stays, the DNS server that the NIC had. */
  const apart = ['NAME', 'ZONE', 'STP', 'DELAY', 'MACADDR', 'DNS1'];

  it.each(published)('of %s mean what is published: %s %s', (folder, name, file) => {
    const keysOf = (files: ReturnType<typeof tree>): ReadonlyMap<string, string> => {
      const text = files.find(({ path }) => path.endsWith(`/${file}`))?.text ?? '';
      return new Map([...sense(text)].filter(([key]) => !apart.includes(key)).sort());
    };
    const own = keysOf(tree(`${name}/ifcfg/after`));
    expect(own.size).toBeGreaterThan(2);
    expect(own).toEqual(keysOf(tree(`published/${folder}`)));
  });
});
