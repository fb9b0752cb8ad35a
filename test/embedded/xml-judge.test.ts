/** libvirt as the judge: what we build of every fixture is defined in its in-memory driver, and must come back the same. */
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildInterface, buildNetwork } from '../../src/xml/build.ts';
import { lostXml } from '../../src/xml/canonical.ts';
import { parseDomain } from '../../src/xml/domain.ts';
import { parseInterface } from '../../src/xml/interface.ts';
import { differences } from '../../src/xml/meaning.ts';
import { parseNetwork } from '../../src/xml/network.ts';

const fixtures = (kind: string): readonly (readonly [string, string])[] => {
  const folder = new URL(`../../fixtures/xml/${kind}/`, import.meta.url);
  return readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const);
};

/** To be replaced by the binding: defines a document in `test:///default`, and gives back what libvirt has then. */
function define(command: string, dump: string, xml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvmnet-judge-'));
  try {
    const file = join(folder, 'in.xml');
    writeFileSync(file, xml);
    const output = execFileSync('virsh', ['-q', '-c', 'test:///default', `${command} ${file}; ${dump}`], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return output.slice(output.indexOf('<'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const version = execFileSync('virsh', ['--version'], { encoding: 'utf8' }).trim().split('.').map(Number);

/** Whether this libvirt is too old for `since-10.0-….xml`. */
function isTooNew(name: string): boolean {
  const since = /^since-(\d+)\.(\d+)-/.exec(name);
  if (since === null) return false;
  const [major, minor] = [Number(since[1]), Number(since[2])];
  const [haveMajor = 0, haveMinor = 0] = version;
  return haveMajor < major || (haveMajor === major && haveMinor < minor);
}

/** Elements that only libvirt writes, in the XML of running objects: it does not accept them as input. */
const liveOnly = ['live.xml', 'live-hostdev.xml', 'network-live.xml'];

const networks = fixtures('network').filter(([name]) => !liveOnly.includes(name));

describe('a network that we build', () => {
  const judge = (model: ReturnType<typeof parseNetwork>, flags: string): ReturnType<typeof parseNetwork> =>
    parseNetwork(define(`net-define ${flags}`, `net-dumpxml ${model.name}`, buildNetwork(model)));

  it.each(networks.filter(([name]) => !isTooNew(name)))(
    'from %s is valid, and comes back equal in meaning',
    (name, xml) => {
      const asked = parseNetwork(xml);
      const got = judge(asked, '--validate');
      // The driver in memory has no dnsmasq, and drops its options.
      const missing = name === 'dnsmasq.xml' ? ['dnsmasqOptions'] : [];
      expect(differences(asked, got).map(({ path }) => path)).toEqual(missing);
      expect(lostXml(asked, got)).toEqual([]);
    },
  );

  it.each(networks.filter(([name]) => isTooNew(name)))(
    'from %s is not known to this libvirt, which shows',
    (_name, xml) => {
      const asked = parseNetwork(xml);
      expect(() => judge(asked, '--validate')).toThrow('failed to validate');
      expect(differences(asked, judge(asked, ''))).not.toEqual([]);
    },
  );

  it('loses what libvirt does not know, and lostXml names it', () => {
    const asked = parseNetwork(`<network><name>n</name><future a='1'/><bridge name='b' colour='red'/></network>`);
    expect(lostXml(asked, judge(asked, ''))).toEqual([
      'network/<future a="1"></future>',
      'network/bridge/@colour="red"',
    ]);
  });
});

describe('a NIC that we build', () => {
  const judge = (model: ReturnType<typeof parseInterface>, flags: string): unknown => {
    const domain = `<domain type='test'><name>judge</name><memory>1024</memory><os><type>hvm</type></os><devices>${buildInterface(model)}</devices></domain>`;
    return parseDomain(define(`define ${flags}`, 'dumpxml --inactive judge', domain)).interfaces[0];
  };
  // libvirt 9.0.0 knows passt, and yet refuses its name here.
  const refused = [...liveOnly, 'huge-rate.xml', ...(version[0] === 9 && version[1] === 0 ? ['user-passt.xml'] : [])];
  const nics = fixtures('interface').filter(([name]) => !refused.includes(name));

  it.each(nics.filter(([name]) => !isTooNew(name)))(
    'from %s is valid, and comes back with all that was asked',
    (_name, xml) => {
      const asked = JSON.parse(JSON.stringify(parseInterface(xml))) as ReturnType<typeof parseInterface>;
      // Whether the host's device may be missing is asked at start only; libvirt does not keep it.
      const kept =
        asked.source?.missing === undefined ? asked : { ...asked, source: { ...asked.source, missing: undefined } };
      expect(judge(asked, '--validate')).toMatchObject(JSON.parse(JSON.stringify(kept)));
    },
  );

  it.each(nics.filter(([name]) => isTooNew(name)))(
    'from %s is not known to this libvirt, which shows',
    (_name, xml) => {
      expect(() => judge(parseInterface(xml), '--validate')).toThrow('failed to validate');
    },
  );

  it("may have a number that is larger than JavaScript's safe integers", () => {
    const peak = '18014398509481984';
    const xml = `<interface type='network'><mac address='52:54:00:da:c3:de'/><source network='default'/><bandwidth><outbound average='1' peak='${peak}'/></bandwidth></interface>`;
    expect(judge(parseInterface(xml), '')).toMatchObject({ bandwidth: { outbound: { average: 1, peak } } });
  });
});
