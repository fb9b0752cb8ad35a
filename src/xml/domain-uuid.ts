import type { Domain } from './domain.ts';

/** The XML as it was given, with this UUID in it where it has none. */
export async function withUuid(xml: string, domain: Domain, uuid: string): Promise<string> {
  if (domain.uuid !== undefined) return xml;
  const { buildDomain } = await import('./build.ts');
  return buildDomain({ ...domain, uuid });
}
