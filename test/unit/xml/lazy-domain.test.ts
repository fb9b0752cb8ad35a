import { describe, expect, it } from '@jest/globals';
import { buildDomain } from '../../../src/xml/build.ts';
import { parseDomain } from '../../../src/xml/domain.ts';
import { lazyDomain } from '../../../src/xml/lazy-domain.ts';
import { byHand, fixture, fixtures } from './fixture.ts';

const live = fixture('domain', 'live.xml');
/** libvirt never writes such an index; reading it fails, which shows what was read. */
const broken = live.replace(/(<controller [^>]*index=)'[^']*'/, "$1'first'");
const metadata = (inside: string): string =>
  live.replace('  <devices>\n', `  <metadata>${inside}</metadata>\n  <devices>\n`);

describe('a domain that is read as far as it is used', () => {
  it.each(fixtures('domain'))('has what one has that is read at once: %s', (_name, xml) => {
    expect(byHand(lazyDomain(xml).interfaces)).toEqual(byHand(parseDomain(xml).interfaces));
    expect(byHand(lazyDomain(xml))).toEqual(byHand(parseDomain(xml)));
  });

  it.each(fixtures('domain'))('is written back as it was, with another NIC too: %s', (_name, xml) => {
    expect(buildDomain(lazyDomain(xml))).toBe(buildDomain(parseDomain(xml)));
    const withLast = (domain: ReturnType<typeof parseDomain>): string =>
      buildDomain({ ...domain, interfaces: domain.interfaces.map((nic) => ({ ...nic, link: { state: 'down' } })) });
    expect(withLast(lazyDomain(xml))).toBe(withLast(parseDomain(xml)));
  });

  it('gives its NICs and its type without reading the rest, which is refused when it is used', () => {
    const refused: unknown[] = [];
    const domain = lazyDomain(broken, (read) => {
      try {
        return read();
      } catch (error) {
        refused.push(error);
        throw error;
      }
    });
    expect(domain.interfaces).toHaveLength(parseDomain(live).interfaces.length);
    expect(domain.type).toBe(parseDomain(live).type);
    expect(refused).toEqual([]);
    expect(() => domain.name).toThrow('"first", not an integer');
    expect(refused).toHaveLength(1);
  });

  it.each([
    ['a comment', '<!--\n  <devices>\n    <interface type="x">\n    </interface>\n  </devices>\n-->'],
    ['a CDATA section', '<a:b xmlns:a="urn:a"><![CDATA[\n  <devices>\n]]></a:b>'],
    ['an instruction', '<a:b xmlns:a="urn:a"><?note now?></a:b>'],
    [
      'an element that looks like the devices',
      '<a xmlns="urn:a">\n  <devices>\n    <interface x="1">\n    </interface>\n  </devices>\n</a>',
    ],
    ['a name of every object', '<a:b xmlns:a="urn:a"><constructor/></a:b>'],
  ])('is not misled by metadata with %s', (_what, inside) => {
    const xml = metadata(inside);
    expect(byHand(lazyDomain(xml))).toEqual(byHand(parseDomain(xml)));
  });

  it.each([
    ['other indentation', live.replaceAll('\n  ', '\n')],
    ['NICs on one line', live.replace(/\n {4}<interface [^]*?<\/interface>/, (nic) => nic.replace(/\n */g, ' '))],
    ['a NIC without content', live.replace('  <devices>\n', "  <devices>\n    <interface type='user'/>\n")],
  ])('reads a document with %s at once, as a whole', (_what, xml) => {
    expect(byHand(lazyDomain(xml))).toEqual(byHand(parseDomain(xml)));
    expect(() => lazyDomain(xml.replace(/(<controller [^>]*index=)'[^']*'/, "$1'first'"))).toThrow('not an integer');
  });

  it('is refused at once where it is not well-formed for the strict reader', () => {
    expect(() => lazyDomain('<domain><!DOCTYPE x></domain>')).toThrow('DOCTYPE');
  });
});
