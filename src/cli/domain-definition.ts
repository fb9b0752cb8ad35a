/** Common parts of commands on the definitions of domains. */
import type { DomainState } from '../state/state.ts';
import type { Domain } from '../xml/domain.ts';
import { droppedXml } from '../xml/dropped.ts';
import type { Context } from './context.ts';

/** A domain's definition with its secrets, without which they are lost when it is defined again; a dry run would print them, and goes without. */
export async function secureDefinition(
  context: Context,
  { uuid, persistent }: Pick<DomainState, 'uuid' | 'persistent'>,
): Promise<string | undefined> {
  if (!persistent) return undefined;
  if (context.options.dryRun) {
    const connection = await context.connection('read');
    return connection.call('domainXml', { domain: uuid, inactive: true });
  }
  const connection = await context.connection('change');
  return connection.call('domainSecureXml', { domain: uuid });
}

/** The XML as it was given, with this UUID in it where it has none. */
export async function withUuid(xml: string, domain: Domain, uuid: string): Promise<string> {
  if (domain.uuid !== undefined) return xml;
  const { buildDomain } = await import('../xml/build.ts');
  return buildDomain({ ...domain, uuid });
}

/** Warns about unknown elements that libvirt drops silently. */
export async function warnOfDropped(context: Context, asked: string, uuid: string): Promise<void> {
  const connection = await context.connection('change');
  const dropped = droppedXml(asked, await connection.call('domainSecureXml', { domain: uuid }));
  context.warn(dropped.map((path) => `libvirt did not keep ${path}`));
}
