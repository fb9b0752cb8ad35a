import { describe, expect, it } from '@jest/globals';
import { KvmnetError } from '../../../../src/errors.ts';
import { affectedBy } from '../../../../src/plan/persist/affected.ts';
import { chooseManager, type ManagersSeen } from '../../../../src/plan/persist/choose.ts';
import { persistModel } from '../../../../src/plan/persist/model.ts';
import { fileSteps, persistChanges, requireKnown } from '../../../../src/plan/persist/persist.ts';
import { planUndo } from '../../../../src/plan/undo.ts';
import { configFormats, readConfig, type ConfigFormat } from '../../../../src/config/config.ts';
import { globMatches } from '../../../../src/values/glob.ts';
import { managerOf } from '../../../../src/state/owners.ts';
import { defaultNetwork, hostWith, ipv4, link, networkState, route, stateWith } from '../state.ts';
import { bridge, bridged, mixed, present, tree, vlan, vlans } from './hosts.ts';

const names = (devices: readonly { readonly name: string }[]): readonly string[] => devices.map(({ name }) => name);

describe('what is kept of a host', () => {
  it('has an order in which each device follows those it depends on', () => {
    expect(names(persistModel(mixed, []).devices)).toEqual(['eth0', 'eth1', 'eth2', 'bond0', 'eth2.30', 'br0']);
  });

  it('leaves out what libvirt and containers make, and marks it as theirs', () => {
    const host = hostWith([
      ...bridged.links,
      bridge('virbr0', { addresses: [ipv4('192.168.122.1', 24)] }),
      bridge('keenbr0', { addresses: [ipv4('192.168.132.1', 24)] }),
      bridge('docker0', { addresses: [ipv4('172.17.0.1', 16)] }),
      bridge('br-0123456789ab'),
      bridge('br-management'),
      link('vnet0', { kind: 'tun', master: 'br0' }),
    ]);
    const keennet = networkState(defaultNetwork.replace('virbr0', 'keenbr0').replace('default', 'keennet'));
    const model = persistModel(host, [keennet]);
    expect(names(model.devices)).toEqual(['ens33', 'br-management', 'br0']);
    expect(model.devices.find(({ name }) => name === 'br0')?.bridge?.ports).toEqual(['ens33']);
    expect(model.unmanaged).toEqual(expect.arrayContaining(['vnet[0-9]*', 'virbr[0-9]*', 'docker[0-9]*', 'keenbr0']));
  });

  it.each([
    'virbr0',
    'docker0',
    'docker_gwbridge',
    'podman1',
    'cni-podman0',
    'cni0',
    'cbr0',
    'kube-bridge',
    'lxcbr0',
    'lxdbr0',
    'incusbr0',
    'brq01234567-89',
    'qbr01234567-89',
    'fwbr100i0',
  ])('leaves out %s, which a program makes, with its address', (name) => {
    const host = hostWith([...bridged.links, bridge(name, { addresses: [ipv4('10.99.0.1', 24)] })]);
    const model = persistModel(host, []);
    expect(names(model.devices)).toEqual(['ens33', 'br0']);
    expect(model.warnings).toEqual([]);
    expect(model.unmanaged.some((pattern) => globMatches(pattern, name))).toBe(true);
    expect(managerOf(name)).toBeDefined();
  });

  it.each(['br0', 'vmbr0', 'br-lan', 'bridge0', 'brq', 'kube'])("keeps %s, which is the administrator's", (name) => {
    const host = hostWith([bridge(name, { addresses: [ipv4('10.99.0.1', 24)] })]);
    expect(names(persistModel(host, []).devices)).toEqual([name]);
    expect(managerOf(name)).toBeUndefined();
  });

  it("is a bridge that a network of libvirt only uses, for that is the administrator's", () => {
    const lan = networkState('<network><name>lan</name><forward mode="bridge"/><bridge name="br0"/></network>');
    expect(names(persistModel(bridged, [lan]).devices)).toContain('br0');
  });

  it('has DHCP where an address is lent, and leaves the default route to the server', () => {
    const lent = { ...ipv4('192.168.9.77', 24), validSeconds: 3000 };
    const host = hostWith(
      [link('eth0', { addresses: [lent] })],
      [route('0.0.0.0/0', 'eth0', { gateway: '192.168.9.1' })],
    );
    expect(persistModel(host, []).devices).toEqual([
      expect.objectContaining({ name: 'eth0', dhcp4: true, addresses: [], routes: [] }),
    ]);
  });

  it('has IPv6 from a router where a router gave it', () => {
    const address = { family: 'ipv6', address: '2001:db8::5', prefix: 64, scope: 'global', validSeconds: 600 } as const;
    const [device] = persistModel(hostWith([link('eth0', { addresses: [address] })]), []).devices;
    expect(device).toMatchObject({ acceptRa: true, dhcp6: false, addresses: [] });
  });

  it('names what it cannot keep: a wireless NIC, and routes of other tables', () => {
    expect(persistModel(mixed, []).warnings).toEqual([
      'wlan0 is not written: it is a wireless NIC, whose network and password the links do not show',
      'the route to 10.99.0.0/16 through eth2 is not written: it is in table 100',
    ]);
  });

  it('is for one device only itself with what it depends on, and the bridge that it is in with all its ports', () => {
    const { devices } = persistModel(vlans, [], { only: ['eno16777736.10'] });
    expect(names(devices)).toEqual(['eno16777736', 'eno16777736.10', 'brvlan-10']);
  });

  it('excludes a device of another program: it is refused, and its owner named', () => {
    const host = hostWith([bridge('virbr0')]);
    const model = (): unknown => persistModel(host, [networkState(defaultNetwork)], { only: ['virbr0'] });
    expect(model).toThrow("virbr0 is not written: it is the bridge of libvirt's network default");
  });

  it('is not known of a name that is neither on the host nor in the files', () => {
    const before = present(tree('bridged/ifupdown/before'), 'ifupdown');
    const model = persistModel(bridged, [], { only: ['ens43'] });
    expect(() => {
      requireKnown('ifupdown', model, before, bridged);
    }).toThrow('no device named ens43, neither on this host nor in the files for ifupdown');
    const known = persistModel(bridged, [], { only: ['ens34'] });
    expect(() => {
      requireKnown('ifupdown', known, before, bridged);
    }).not.toThrow();
  });
});

describe('the devices that a change is about', () => {
  it('are the devices that change, the ports of a bridge that goes, and the NIC of a VLAN device that goes', () => {
    const affected = affectedBy({ 'brvlan-10': null, 'eno16777736.20': null }, vlans);
    expect([...affected].sort()).toEqual([
      'brvlan-10',
      'brvlan-20',
      'eno16777736',
      'eno16777736.10',
      'eno16777736.20',
      'vnet0',
    ]);
  });

  it('are the bridge too that a port leaves', () => {
    expect(affectedBy({ ens33: { master: null } }, bridged)).toEqual(['ens33', 'br0']);
  });
});

describe('the steps of writing', () => {
  it('keep a copy of each file that changes, and restore its old content as their undo', () => {
    const files = present(tree('bridged/ifupdown/before'), 'ifupdown');
    const { changes } = persistChanges('ifupdown', persistModel(bridged, []), files);
    const steps = fileSteps(changes, { root: '/mnt', copies: '/mnt/copies' });
    expect(steps.map(({ title }) => title)).toEqual([
      'keep a copy of /etc/network/interfaces',
      'change /etc/network/interfaces',
      'write /etc/network/interfaces.d/kvmnet',
    ]);
    const text = files.files[0]?.text;
    const [file, copy] = ['/mnt/etc/network/interfaces', '/mnt/copies/etc/network/interfaces'];
    const write = { call: 'hostWriteFile', root: '/mnt', text, mode: 0o644 };
    expect(steps[0]?.do).toEqual({ ...write, path: copy, like: file });
    expect(steps[0]?.undo).toEqual([{ ...write, path: copy, text: null }]);
    expect(steps[1]?.undo).toEqual([{ ...write, path: file, like: copy }]);
    expect(steps[2]?.undo).toEqual([
      expect.objectContaining({ path: '/mnt/etc/network/interfaces.d/kvmnet', text: null }),
    ]);
  });
});

describe('the steps of writing a file that has attributes of its own', () => {
  const owner = { uid: 0, gid: 4 };
  const file = { path: '/etc/network/interfaces', text: 'auto lo\n', mode: 0o640, owner, link: '/etc/real' };

  it.each([
    ['changes', 'auto lo eth0\n'],
    ['is removed', null],
  ])('that have %s expect them, and restore them', (_, after) => {
    const change = { path: file.path, before: file.text, after, mode: 0o600, file };
    const [copy, write] = fileSteps([change], { root: '', copies: '/copies' });
    const own = { mode: 0o640, owner };
    expect(copy?.verify).toEqual({ expect: 'file', path: '/copies/etc/network/interfaces', text: file.text, ...own });
    const kept = after === null ? {} : { ...own, link: file.link };
    expect(write?.verify).toEqual({ expect: 'file', path: file.path, text: after, ...kept });
    expect(write?.undo[0]).toMatchObject({ text: file.text, ...own, link: file.link });
    expect(planUndo({ title: '', steps: [write!] }, [], stateWith()).steps[0]?.verify).toEqual({
      ...{ expect: 'file', path: file.path, text: file.text, ...own, link: file.link },
    });
  });
});

describe('the manager of a host', () => {
  const seen = (...formats: readonly ConfigFormat[]): ManagersSeen =>
    Object.fromEntries(
      configFormats.map((format) => [
        format,
        { isInstalled: formats.includes(format), runs: formats.includes(format) },
      ]),
    ) as ManagersSeen;
  const interfaces = readConfig(
    { path: '/etc/network/interfaces', text: 'auto eth0\niface eth0 inet dhcp\n' },
    'ifupdown',
  );
  const profile = readConfig(
    {
      path: '/etc/NetworkManager/system-connections/a.nmconnection',
      text: '[connection]\nid=a\ninterface-name=eth0\n',
    },
    'networkmanager',
  );
  const yaml = readConfig(
    { path: '/etc/netplan/a.yaml', text: 'network: {version: 2, ethernets: {eth0: {dhcp4: true}}}\n' },
    'netplan',
  );
  const ifcfg = readConfig({ path: '/etc/sysconfig/network-scripts/ifcfg-eth0', text: 'DEVICE=eth0\n' }, 'ifcfg');

  it.each([
    ['ifupdown', ['ifupdown', 'networkd'], [interfaces]],
    ['networkmanager', ['ifupdown', 'networkmanager'], [profile]],
    ['netplan', ['netplan', 'networkd', 'networkmanager'], [yaml]],
    ['ifcfg', ['ifcfg', 'networkmanager'], [ifcfg]],
    ['networkd', ['networkd'], []],
  ] as const)('is %s where that one has the devices', (format, installed, configs) => {
    expect(chooseManager(seen(...installed), configs)).toBe(format);
  });

  it('is asked for where two have devices, by both names', () => {
    const choose = (): unknown => chooseManager(seen('ifupdown', 'networkmanager'), [interfaces, profile]);
    expect(choose).toThrow('this host has several managers: ifupdown (/etc/network/interfaces), NetworkManager');
  });

  it('is asked for by the option that names it in the command at hand', () => {
    const hintOf = (choose: () => unknown): string | undefined => {
      try {
        choose();
      } catch (error) {
        return error instanceof KvmnetError ? error.hint : String(error);
      }
      return undefined;
    };
    const both = seen('ifupdown', 'networkmanager');
    expect(hintOf(() => chooseManager(both, [interfaces, profile]))).toContain(
      '--for ifupdown or --for networkmanager',
    );
    const option = '--persist';
    expect(hintOf(() => chooseManager(both, [interfaces, profile], { option }))).toContain(
      '--persist ifupdown or --persist networkmanager',
    );
    expect(hintOf(() => chooseManager(seen(), [], { option }))).toContain('--persist networkd');
    const ofWicked = ['/etc/sysconfig/network/ifcfg-eth0'];
    expect(hintOf(() => chooseManager(both, [], { option, ofWicked }))).toContain('--persist networkmanager');
  });

  it('is none if none is installed, and the hint has the package to install', () => {
    expect(() => chooseManager(seen(), [interfaces])).toThrow('no manager is installed');
  });
});

describe('one line of a VLAN', () => {
  it('keeps an odd name, for which ifupdown needs a command', () => {
    const host = hostWith([link('eno1'), vlan('eno1', 7, { name: 'guests', index: 3 })]);
    const [change] = persistChanges('ifupdown', persistModel(host, []), present([], 'ifupdown')).changes;
    expect(change?.after).toContain('pre-up ip link add link eno1 name guests type vlan id 7\n');
  });
});
