import { describe, expect, it } from '@jest/globals';
import { planAddSlots, parseSlotCount } from '../../../../src/plan/nic/slots.ts';
import { parseDomain } from '../../../../src/xml/domain.ts';
import { domainState } from '../state.ts';

const q35 = `<domain type='kvm'>
  <name>VM1</name>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <devices>
    <controller type='pci' index='0' model='pcie-root'/>
    <controller type='pci' index='1' model='pcie-root-port'/>
    <controller type='usb' index='7' model='none'/>
    <controller type='pci' index='4' model='pcie-to-pci-bridge'/>
    <graphics type='vnc' passwd='secret'/>
    <unknown of='others'/>
  </devices>
</domain>`;

describe('adding slots', () => {
  it('adds N root ports for the next boot after the existing buses, and keeps all else', () => {
    const [step] = planAddSlots(domainState(q35), q35, 2).steps;
    const xml = step && 'xml' in step.do ? step.do.xml : '';
    const controllers = parseDomain(xml).controllers.filter(({ type }) => type === 'pci');
    expect(controllers.map(({ index, model }) => [index, model])).toEqual([
      [0, 'pcie-root'],
      [1, 'pcie-root-port'],
      [4, 'pcie-to-pci-bridge'],
      [5, 'pcie-root-port'],
      [6, 'pcie-root-port'],
    ]);
    expect(xml).toMatch(/passwd=.secret.[^]*<unknown of=.others.\/>/);
    expect(step?.undo).toEqual([{ call: 'domainDefine', xml: q35 }]);
    expect(step?.verify).toMatchObject({ expect: 'rootPorts', count: 3 });
  });

  it('reports that a running guest has to be shut down for it', () => {
    expect(planAddSlots(domainState(q35, q35), q35, 1).warnings).toEqual([
      expect.stringContaining('shut down and started'),
    ]);
    expect(planAddSlots(domainState(q35), q35, 1).warnings).toEqual([]);
  });

  it('is refused for a machine without PCI Express, and for a transient domain', () => {
    const pc = q35.replace('pcie-root', 'pci-root').replace('pc-q35-7.2', 'pc-i440fx-7.2');
    expect(() => planAddSlots(domainState(pc), pc, 1)).toThrow('VM1 is pc-i440fx-7.2, without PCI Express');
    const transient = { ...domainState(q35, q35), persistent: false };
    expect(() => planAddSlots(transient, q35, 1)).toThrow('VM1 is transient: it has no next boot');
  });

  it.each(['0', '65', '-1', '1.5', 'x', ''])('takes no count %p', (count) => {
    expect(() => parseSlotCount(count, '--add')).toThrow('a number of slots is a number from 1 to 64');
  });
});
