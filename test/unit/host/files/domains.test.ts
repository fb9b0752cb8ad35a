import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { domainsWithout } from '../../../../src/host/files/domains.ts';

const uuid = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
const [wanted, other] = ['52:54:00:00:00:01', '52:54:00:00:00:02'];
const definition = (number: number, mac: string): string =>
  `<domain type='kvm'>\n  <name>vm${number}</name>\n  <uuid>${uuid(number)}</uuid>\n  <metadata><uuid>${uuid(9)}</uuid></metadata>
  <devices><interface type='network'><mac address='${mac}'/></interface></devices>\n</domain>\n`;

describe("the search in libvirt's files of domains", () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(`${tmpdir()}/kvmnet-domains-`);
    const write = (path: string, text: string): void => {
      writeFileSync(`${root}/${path}`, text);
    };
    for (const folder of ['defined/networks', 'running']) mkdirSync(`${root}/${folder}`, { recursive: true });
    mkdirSync(`${root}/defined/folder.xml`);
    write('defined/vm1.xml', definition(1, wanted));
    write('defined/vm2.xml', `<!-- WARNING: THIS IS AN AUTO-GENERATED FILE -->\n${definition(2, other)}`);
    write('defined/half.xml', "<domain type='kvm'>");
    write('defined/vm3.xml.new', definition(3, other));
    write('running/vm2.xml', `<domstatus state='running'>\n${definition(2, wanted)}</domstatus>\n`);
    write('running/vm4.xml', `<domstatus state='running'>\n${definition(4, other)}</domstatus>\n`);
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });
  const folders = () => ({ defined: `${root}/defined`, running: `${root}/running` });

  it('finds those without the text, by UUID, for definitions and for running domains', () => {
    const found = domainsWithout([wanted.toUpperCase()], folders());
    expect(found).toEqual({ defined: [uuid(2)], running: [uuid(4)], isFree: false });
  });

  it('takes several texts, each of which counts', () => {
    expect(domainsWithout([wanted, other], folders())).toEqual({ defined: [], running: [], isFree: false });
    expect(domainsWithout(['52:54:00:00:00:03'], folders())).toEqual({
      defined: [uuid(1), uuid(2)],
      running: [uuid(2), uuid(4)],
      isFree: true,
    });
  });

  it('knows nothing of folders that are missing', () => {
    expect(domainsWithout([wanted], { defined: `${root}/none`, running: `${root}/none` })).toEqual({
      defined: [],
      running: [],
      isFree: true,
    });
  });
});
