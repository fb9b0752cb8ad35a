import { describe, expect, it } from '@jest/globals';
import { buildDomain, buildInterface, buildNetwork } from '../../../src/xml/build.ts';
import { guest, parseDomain } from '../../../src/xml/domain.ts';
import { nic, parseInterface } from '../../../src/xml/interface.ts';
import { network, parseNetwork } from '../../../src/xml/network.ts';
import { parseXml } from '../../../src/xml/parser.ts';
import type { Field, Fields } from '../../../src/xml/table.ts';
import { isBlank, isElement, type XmlNode } from '../../../src/xml/tree.ts';
import { byHand, fixtures } from './fixture.ts';

/** A tree without its layout: every element, attribute, comment and text, in order. */
function plain(node: XmlNode): unknown {
  if (!isElement(node)) return node;
  const children = node.children.some(isElement) ? node.children.filter((child) => !isBlank(child)) : node.children;
  return [node.name, node.attributes, children.map(plain)];
}

const networks = fixtures('network');
const interfaces = fixtures('interface');
const domains = fixtures('domain');

describe('a document that is read and written again', () => {
  it.each(networks)('network %s keeps every element, attribute and text in order', (_name, xml) => {
    const written = buildNetwork(parseNetwork(xml));
    expect(plain(parseXml(written, 'network').root)).toEqual(plain(parseXml(xml, 'network').root));
  });

  it.each(interfaces)('interface %s keeps every element, attribute and text in order', (_name, xml) => {
    const written = buildInterface(parseInterface(xml));
    expect(plain(parseXml(written, 'interface').root)).toEqual(plain(parseXml(xml, 'interface').root));
  });

  it.each(domains)('domain %s comes back as libvirt wrote it, but for the kind of quotes', (_name, xml) => {
    const quotes = (text: string): string => text.replaceAll("'", '"');
    expect(quotes(buildDomain(parseDomain(xml)))).toBe(quotes(xml));
  });
});

describe('a document that is made by hand from the properties alone', () => {
  it.each(networks)('network %s reads back as the same model', (_name, xml) => {
    const model = byHand(parseNetwork(xml));
    expect(byHand(parseNetwork(buildNetwork(model)))).toEqual(model);
  });

  it.each(networks)('network %s has its elements where libvirt writes them', (_name, xml) => {
    const written = buildNetwork(byHand(parseNetwork(xml)));
    const order = (text: string): readonly string[] =>
      parseXml(text, 'network')
        .root.children.filter(isElement)
        .map((element) => element.name);
    expect(order(written)).toEqual(order(xml));
  });

  it.each(interfaces)('interface %s reads back as the same model', (_name, xml) => {
    const model = byHand(parseInterface(xml));
    expect(byHand(parseInterface(buildInterface(model)))).toEqual(model);
  });

  it.each(domains)('domain %s reads back with the same properties', (_name, xml) => {
    const { pciAddresses: _all, ...model } = byHand(parseDomain(xml));
    expect(byHand(parseDomain(buildDomain(model)))).toMatchObject(model);
  });
});

/** Marks the lines of a table that a model has a value for. */
function mark(fields: Fields, model: object, seen: Set<Field>): void {
  for (const [key, field] of Object.entries(fields)) {
    const value: unknown = (model as Record<string, unknown>)[key];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    seen.add(field);
    if (!('fields' in field)) continue;
    for (const inner of Array.isArray(value) ? (value as object[]) : [value as object]) mark(field.fields, inner, seen);
  }
}

/** The lines of a table that none of the models has a value for, each with its path. */
function unexercised(path: string, fields: Fields, models: readonly object[]): readonly string[] {
  const seen = new Set<Field>();
  for (const model of models) mark(fields, model, seen);
  const list = (at: string, inside: Fields): readonly string[] =>
    Object.entries(inside).flatMap(([key, field]) => [
      ...(seen.has(field) ? [] : [`${at}.${key}`]),
      ...('fields' in field ? list(`${at}.${key}`, field.fields) : []),
    ]);
  return [...new Set(list(path, fields))];
}

describe('the property tables', () => {
  it('have no network property that no fixture exercises', () => {
    const models = networks.map(([, xml]) => parseNetwork(xml));
    expect(unexercised('network', network.fields, models)).toEqual([]);
  });

  it('have no interface property that no fixture exercises', () => {
    const models = interfaces.map(([, xml]) => parseInterface(xml));
    expect(unexercised('interface', nic.fields, models)).toEqual([]);
  });

  it('have no domain property that no fixture exercises', () => {
    const models = domains.map(([, xml]) => {
      const { emulator, controllers, interfaces: nics, ...rest } = parseDomain(xml);
      return { ...rest, devices: { emulator, controllers, interfaces: nics } };
    });
    const missing = unexercised('domain', guest.fields, [
      ...models,
      { devices: { interfaces: interfaces.map(([, xml]) => parseInterface(xml)) } },
    ]);
    expect(missing).toEqual([]);
  });
});
