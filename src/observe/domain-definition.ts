/** Definitions of domains with their secrets, and what libvirt kept of one. */
import type { DomainState } from '../state/state.ts';
import { droppedXml } from '../xml/dropped.ts';
import type { Reader } from './reader.ts';

/**
 * A domain's definition; undefined for a transient domain.
 * @param secrets true: with its secrets, without which they are lost when it is defined again; a dry run would print them, and goes without
 */
export async function readDefinition(
  reader: Pick<Reader, 'connection'>,
  { uuid, persistent }: Pick<DomainState, 'uuid' | 'persistent'>,
  { secrets }: { readonly secrets: boolean },
): Promise<string | undefined> {
  if (!persistent) return undefined;
  const connection = await reader.connection(secrets ? 'change' : 'read');
  return secrets
    ? connection.call('domainSecureXml', { domain: uuid })
    : connection.call('domainXml', { domain: uuid, inactive: true });
}

/** The paths of all parts of a definition that libvirt dropped silently. */
export async function droppedOf(
  reader: Pick<Reader, 'connection'>,
  asked: string,
  uuid: string,
): Promise<readonly string[]> {
  const connection = await reader.connection('change');
  return droppedXml(asked, await connection.call('domainSecureXml', { domain: uuid }));
}
