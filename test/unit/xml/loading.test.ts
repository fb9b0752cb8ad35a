import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';

const folder = new URL('../../../src/xml/', import.meta.url);

/** Modules that a module loads when it is imported, itself included: types are gone by then. */
function loaded(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!file.startsWith('./')) return seen;
  const text = readFileSync(new URL(file, folder), 'utf8');
  for (const [, specifier = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)) {
    loaded(specifier, seen);
  }
  return seen;
}

describe('loading', () => {
  it.each(['network', 'interface', 'domain', 'meaning', 'canonical'])(
    '%s.ts does not load the writer of XML',
    (name) => {
      expect(loaded(`./${name}.ts`)).toContain('./parser.ts');
      expect(loaded(`./${name}.ts`)).not.toContain('xmlbuilder2');
    },
  );

  it('build.ts does', () => {
    expect(loaded('./build.ts')).toContain('xmlbuilder2');
  });
});
