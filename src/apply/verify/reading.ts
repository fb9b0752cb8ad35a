/**
 * Reads the networks, domains, links and files that a step changes, in a form short enough to keep and to
 * compare later.
 */
import { unlessMissing } from '../../errors.ts';
import { readConfigFile } from '../../host/files/config-write.ts';
import { readLinksNamed } from '../../host/links/links.ts';
import { type Link } from '../../records/link.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { hostTarget } from '../../observe/host-target.ts';
import { cidr } from '../../plan/host/wanted.ts';
import { linkSubject } from '../../plan/actions/expectations.ts';
import type { FilePlace } from '../../plan/step.ts';
import type { WantedLinks } from '../../records/desired-link.ts';
import { lazyDomain } from '../../xml/lazy-domain.ts';
import { sha256 } from '../digest.ts';

/** Of a network, domain, link or file: what it is called, and a value of each field; long values are digests. */
export interface Subject {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** By UUID, by `link NAME` or by path, as `subjectsOf` names them. */
export type Reading = Readonly<Record<string, Subject>>;

export function readNothing(): Promise<Reading> {
  return Promise.resolve({});
}

export async function readNetwork(connection: Connection, { network }: { readonly network: string }): Promise<Reading> {
  return { [network]: await networkSubject(connection, network) };
}

export async function readDomain(connection: Connection, { domain }: { readonly domain: string }): Promise<Reading> {
  return { [domain]: await domainSubject(connection, domain) };
}

export async function readFile(connection: Connection, file: FilePlace): Promise<Reading> {
  const found = await readConfigFile(file, { on: hostTarget(connection.uri) });
  return { [file.path]: { name: file.path, fields: { content: await contentOf(found?.text) } } };
}

export async function readLinkSubjects(
  connection: Connection,
  { links: wanted }: { readonly links: WantedLinks },
): Promise<Reading> {
  const links = await readLinksNamed(Object.keys(wanted), { on: hostTarget(connection.uri) });
  const found = new Map(links.map((link) => [link.name, link]));
  return Object.fromEntries(
    Object.keys(wanted).map((name) => [linkSubject(name), subjectOfLink(name, found.get(name))]),
  );
}

async function networkSubject(connection: Connection, network: string): Promise<Subject> {
  const record = await unlessMissing(connection.call('getNetwork', { network }));
  if (!record) return { name: `network ${network}`, fields: { definition: 'none' } };
  const { name, active, autostart, inactiveXml, persistent } = record;
  const definition = inactiveXml === undefined ? String(persistent) : await digest(inactiveXml);
  return { name: `network ${name}`, fields: { definition, active: String(active), autostart: String(autostart) } };
}

async function domainSubject(connection: Connection, domain: string): Promise<Subject> {
  const record = await unlessMissing(connection.call('getDomain', { domain }));
  if (!record) return { name: `domain ${domain}`, fields: { definition: 'none' } };
  const { name, active, autostart, xml, inactiveXml } = record;
  const nics = active
    ? lazyDomain(xml).interfaces.map(({ mac, source, link }) => [mac?.address, source?.network ?? source, link?.state])
    : [];
  return {
    name: `domain ${name}`,
    fields: {
      definition: await digest(inactiveXml ?? ''),
      active: String(active),
      autostart: String(autostart),
      NICs: await digest(JSON.stringify(nics)),
    },
  };
}

/** The value of a file's content; undefined for a file that does not exist. */
export async function contentOf(text: string | undefined): Promise<string> {
  return text === undefined ? 'none' : digest(text);
}

function subjectOfLink(name: string, link: Link | undefined): Subject {
  if (!link) return { name, fields: { master: 'no device' } };
  // Addresses of a lease or a router change without any command.
  const lasting = link.addresses.filter(({ validSeconds, scope }) => validSeconds === undefined && scope !== 'link');
  const addresses = lasting.map(cidr).sort();
  return { name, fields: { master: link.master ?? 'none', addresses: addresses.join(' ') } };
}

async function digest(text: string): Promise<string> {
  return (await sha256(text)).toString('base64url').slice(0, 22);
}
