/** systemd-networkd's files with their drop-ins. Source: systemd.network(5). */
import { baseName, type ConfigOf } from '../config.ts';
import { sourcedValue, type SourcedValue } from '../device.ts';

/** One unit: a file with its drop-ins, which add to it. */
export interface NetworkdUnit {
  readonly path: string;
  readonly values: (section: string, key: string) => readonly SourcedValue[];
  /** The keys of a section. */
  readonly keys: (section: string) => readonly string[];
  /** Returns each `[Route]` or `[Address]` separately. */
  readonly sections: (name: string) => readonly ((key: string) => SourcedValue | undefined)[];
}

export function networkdUnits(
  configs: readonly ConfigOf<'networkd'>[],
  suffix: 'network' | 'netdev',
): readonly NetworkdUnit[] {
  const own = configs.filter(({ file }) => file.path.endsWith(`.${suffix}`));
  const sorted = [...own].sort((a, b) => (baseName(a.file.path) < baseName(b.file.path) ? -1 : 1));
  return sorted.map((config) => {
    const folder = `/${baseName(config.file.path)}.d/`;
    const dropIns = configs
      .filter(({ file }) => `/${file.path}`.includes(folder))
      .sort((a, b) => (baseName(a.file.path) < baseName(b.file.path) ? -1 : 1));
    const sections = [config, ...dropIns].flatMap((each) =>
      each.parsed.sections.map(({ name, entries }) => ({
        name,
        settings: entries.map((entry) => sourcedValue(each, entry)),
      })),
    );
    const named = (name: string): readonly (readonly SourcedValue[])[] =>
      sections.filter((section) => section.name === name).map(({ settings }) => settings);
    return {
      path: config.file.path,
      values: (section, key) =>
        sinceReset(
          named(section)
            .flat()
            .filter((each) => each.key === key),
        ),
      keys: (section) => [...new Set(named(section).flatMap((settings) => settings.map(({ key }) => key)))],
      sections: (name) => named(name).map((settings) => (key: string) => settings.findLast((each) => each.key === key)),
    };
  });
}

/** An empty value discards all values before it. */
function sinceReset(settings: readonly SourcedValue[]): readonly SourcedValue[] {
  return settings.slice(settings.findLastIndex(({ value }) => value === '') + 1);
}
