/** The recorded documents of fixtures/xml. */
import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../../fixtures/xml/', import.meta.url);

/** Name and text of every document of one kind: `network`, `interface`, `domain` or `edit`. */
export function fixtures(kind: string): readonly (readonly [name: string, xml: string])[] {
  return readdirSync(new URL(`${kind}/`, root)).map((name) => [name, fixture(kind, name)] as const);
}

export function fixture(kind: string, name: string): string {
  return readFileSync(new URL(`${kind}/${name}`, root), 'utf8');
}

/** A model without its links to the document that it was read from: as if it had been created by hand. */
export function byHand<T>(model: T): T {
  return JSON.parse(JSON.stringify(model)) as T;
}
