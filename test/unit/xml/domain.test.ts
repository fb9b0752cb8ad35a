import { describe, expect, it } from '@jest/globals';
import { buildDomain } from '../../../src/xml/build.ts';
import { parseDomain } from '../../../src/xml/domain.ts';
import { fixture } from './fixture.ts';

const q35 = fixture('domain', 'q35.xml');
const inDoubleQuotes = q35.replaceAll("'", '"');

describe('reading a domain', () => {
  it('finds its identity', () => {
    expect(parseDomain(q35)).toMatchObject({
      type: 'qemu',
      name: 'vm1',
      uuid: 'c7a5fdbd-edaf-9455-926a-d65c16db1809',
      genid: '43dc0cf8-809b-4adb-9bea-a9abb5f3d90e',
      title: 'VM one',
      description: 'Line one\nline two',
      os: { type: { arch: 'x86_64', machine: 'pc-q35-7.2', text: 'hvm' } },
      features: { acpi: true },
      emulator: '/usr/bin/qemu-system-x86_64',
    });
    expect(parseDomain(q35).id).toBeUndefined();
    expect(parseDomain(fixture('domain', 'live.xml')).id).toBe(7);
    expect(parseDomain(fixture('domain', 'container.xml')).features).toBeUndefined();
  });

  it('finds its NICs and its PCI controllers', () => {
    const { interfaces, controllers } = parseDomain(q35);
    expect(interfaces.map((nic) => [nic.type, nic.source?.network ?? nic.source?.bridge, nic.mac?.address])).toEqual([
      ['network', 'default', '52:54:00:d2:52:b3'],
      ['bridge', 'brvlan-20', '52:54:00:d2:52:b4'],
    ]);
    expect(controllers.filter(({ type }) => type === 'pci').map(({ index, model }) => [index, model])).toEqual([
      [0, 'pcie-root'],
      ...[1, 2, 3, 4, 5, 6].map((index) => [index, 'pcie-root-port']),
    ]);
    expect(controllers[2]).toMatchObject({ target: { chassis: 2, port: '0x11', hotplug: false } });
  });

  it('finds the PCI address of every device, and not the host address of a passed-through one', () => {
    const { pciAddresses } = parseDomain(fixture('domain', 'pc.xml'));
    const devices = new Set(pciAddresses.map(({ device }) => device));
    expect([...devices].sort()).toEqual(['controller', 'disk', 'hostdev', 'interface', 'memballoon', 'rng', 'video']);
    expect(pciAddresses).not.toContainEqual(expect.objectContaining({ bus: 6 }));
    expect(parseDomain(q35).pciAddresses).toContainEqual({
      device: 'controller',
      domain: 0,
      bus: 0,
      slot: 0x1f,
      function: 2,
    });
  });

  it('refuses a PCI address that is not a number', () => {
    expect(() => parseDomain(q35.replace("slot='0x1f'", "slot='0xzz'"))).toThrow(
      'the slot of a PCI address is "0xzz", not a number',
    );
  });

  it('refuses a domain without name or type', () => {
    expect(() => parseDomain(`<domain type='kvm'/>`)).toThrow('domain has no <name>');
    expect(() => parseDomain(`<domain><name>x</name></domain>`)).toThrow('domain has no attribute type');
  });
});

describe('changing the NICs of a domain', () => {
  const second = `    <interface type="bridge">
      <mac address="52:54:00:d2:52:b4"/>
      <source bridge="brvlan-20"/>
      <model type="e1000e"/>
      <link state="down"/>
      <address type="pci" domain="0x0000" bus="0x02" slot="0x00" function="0x0"/>
    </interface>
`;

  it('attaches one after the others, and changes nothing else', () => {
    const domain = parseDomain(q35);
    const nic = { type: 'network', mac: { address: '52:54:00:00:00:01' }, source: { network: 'keennet' } };
    const added = `    <interface type="network">
      <mac address="52:54:00:00:00:01"/>
      <source network="keennet"/>
    </interface>
`;
    expect(buildDomain({ ...domain, interfaces: [...domain.interfaces, nic] })).toBe(
      inDoubleQuotes.replace(second, second + added),
    );
  });

  it('pulls one out, and touches nothing else', () => {
    const domain = parseDomain(q35);
    expect(buildDomain({ ...domain, interfaces: domain.interfaces.slice(0, 1) })).toBe(
      inDoubleQuotes.replace(second, ''),
    );
  });

  it('replaces one in its place', () => {
    const domain = parseDomain(q35);
    const moved = domain.interfaces.map((nic) =>
      nic.source?.network === 'default' ? { ...nic, source: { ...nic.source, network: 'keennet' } } : nic,
    );
    expect(buildDomain({ ...domain, interfaces: moved })).toBe(
      inDoubleQuotes.replace('<source network="default"/>', '<source network="keennet"/>'),
    );
  });

  it('keeps what it does not know of a NIC', () => {
    const xml = q35.replace("<link state='down'/>", "<link state='down' colour='red'/><future/>");
    const domain = parseDomain(xml);
    const up = domain.interfaces.map((nic) => ({ ...nic, link: { ...nic.link, state: 'up' as const } }));
    expect(buildDomain({ ...domain, interfaces: up })).toContain('<link state="up" colour="red"/>\n      <future/>');
  });

  it('gives a domain its first NIC', () => {
    const domain = parseDomain(fixture('domain', 'container.xml'));
    const written = buildDomain({ ...domain, interfaces: [{ type: 'bridge', source: { bridge: 'br0' } }] });
    expect(written).toContain('libvirt_lxc</emulator>\n    <interface type="bridge">');
    expect(written).toContain('<console type="pty"/>');
  });

  it('gives a domain without devices its first NIC', () => {
    const domain = parseDomain(`<domain type='test'><name>x</name><os><type>hvm</type></os></domain>`);
    expect(buildDomain(domain)).not.toContain('devices');
    const nic = { type: 'null' };
    expect(parseDomain(buildDomain({ ...domain, interfaces: [nic] })).interfaces).toMatchObject([nic]);
  });

  it('names the NIC and the value that cannot be written', () => {
    const domain = parseDomain(q35);
    const bad = { type: 'network', source: { network: 'a\nb' } };
    expect(() => buildDomain({ ...domain, interfaces: [...domain.interfaces, bad] })).toThrow(
      'domain/devices/interface[3]/source/@network has the character U+000A',
    );
  });
});
