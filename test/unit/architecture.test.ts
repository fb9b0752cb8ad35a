import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { root, run } from '../helpers/host.ts';

interface Module {
  readonly source: string;
  readonly dependencies: readonly { readonly resolved: string }[];
}

interface Cruise {
  readonly modules: readonly Module[];
  readonly violations: readonly string[];
}

/** Violations that .ci/dependency-cruiser.cjs reports for the `src` in a directory: `RULE: FILE -> IMPORT`. */
async function cruise(directory: string): Promise<Cruise> {
  const program = `${root}node_modules/dependency-cruiser/bin/dependency-cruise.mjs`;
  const config = `${root}.ci/dependency-cruiser.cjs`;
  const { stdout } = await run(process.execPath, [program, '--config', config, '--output-type', 'json', 'src'], {
    cwd: directory,
  });
  const { modules, summary } = JSON.parse(stdout) as {
    modules: readonly Module[];
    summary: { violations: readonly { rule: { name: string }; from: string; to: string }[] };
  };
  const strip = (path: string): string => path.replace(/^.*node_modules\//, '').split('/')[0] ?? path;
  return {
    modules,
    violations: summary.violations.map(
      ({ rule, from, to }) => `${rule.name}: ${from} -> ${to.includes('node_modules/') ? strip(to) : to}`,
    ),
  };
}

/** The layers and rooms that have a rule. */
async function rulesOf(): Promise<{ readonly layers: readonly string[]; readonly rooms: readonly string[] }> {
  const { default: config } = (await import(`${root}.ci/dependency-cruiser.cjs`)) as {
    readonly default: {
      readonly forbidden: readonly { readonly name: string; readonly from: { readonly path?: string } }[];
    };
  };
  const named = (suffix: string): readonly string[] =>
    config.forbidden.filter(({ name }) => name.endsWith(suffix)).map(({ name }) => name.slice(0, -suffix.length));
  return { layers: named('-layer'), rooms: named('-room').map((name) => name.replaceAll('-', '/')) };
}

/** `plan`, `plan/network` of `plan/network/heal.ts`. */
function foldersOf(file: string): readonly string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

/** For each room of a layer, one that it may not import, or the top of the layer. */
const strangers: Readonly<Record<string, string>> = {
  'plan/actions': 'plan/nic',
  'libvirt/ffi': 'libvirt',
  'host/links': 'host/files',
  'host/files': 'host/links',
  'host/ssh': 'host/links',
  'host/child': 'host/files',
  'doctor/lint/ifupdown': 'doctor/lint/netplan',
  'doctor/lint/netplan': 'doctor/lint/networkd',
  'doctor/lint/networkd': 'doctor/lint/networkmanager',
  'doctor/lint/networkmanager': 'doctor/lint/ifupdown',
  'plan/steps': 'plan/nic',
  'plan/host': 'plan/network',
  'plan/nic': 'plan/network',
  'plan/network/check': 'plan/network',
  'plan/network': 'plan/reserve',
  'plan/reserve': 'plan/host',
  'plan/domain': 'plan/network',
  'plan/persist': 'plan/network',
  'plan/nat': 'plan/nic',
  'plan/virsh': 'plan/reserve',
  'topology/path': 'topology/pictures',
  'apply/verify': 'apply/actions',
  'apply/actions': 'apply/journal',
  'apply/journal': 'apply/actions',
  'cli/output': 'cli/views',
  'cli/terminal': 'cli/views',
  'cli/views': 'cli/commands',
  'cli/console': 'cli/views',
  'cli/explain': 'cli/views',
  'cli/views/explain': 'cli/complete',
  'cli/usage': 'cli/shell',
  'cli/reference': 'cli/output',
  'cli/complete': 'cli/shell',
  'cli/shell': 'cli/virsh',
  'cli/virsh/grammar': 'cli/virsh',
  'cli/virsh/commands': 'cli/commands',
  'cli/virsh': 'cli/commands',
  'cli/commands': 'cli/virsh/commands',
};

function roomPlants(): readonly (readonly [file: string, text: string, violation: string])[] {
  return Object.entries(strangers).map(([room, stranger]) => {
    const up = '../'.repeat(room.split('/').length);
    const file = `src/${room}/planted.ts`;
    const rule = `${room.replaceAll('/', '-')}-room`;
    return [file, `import '${up}${stranger}/fine.ts';`, `${rule}: ${file} -> src/${stranger}/fine.ts`];
  });
}

/** Files that each break one rule, and the violation that must be reported. */
const planted: readonly (readonly [file: string, text: string, violation: string])[] = [
  ['src/xml/a.ts', `import '../state/fine.ts';`, 'xml-layer: src/xml/a.ts -> src/state/fine.ts'],
  ['src/libvirt/a.ts', `import '../xml/fine.ts';`, 'libvirt-layer: src/libvirt/a.ts -> src/xml/fine.ts'],
  ['src/host/a.ts', `import '../libvirt/fine.ts';`, 'host-layer: src/host/a.ts -> src/libvirt/fine.ts'],
  ['src/state/a.ts', `import '../plan/fine.ts';`, 'state-layer: src/state/a.ts -> src/plan/fine.ts'],
  ['src/plan/a.ts', `import '../observe/fine.ts';`, 'plan-layer: src/plan/a.ts -> src/observe/fine.ts'],
  [
    'src/plan/b.ts',
    `import type { O } from '../observe/fine.ts'; export type P = O;`,
    'plan-layer: src/plan/b.ts -> src/observe/fine.ts',
  ],
  ['src/records/a.ts', `import '../xml/fine.ts';`, 'records-layer: src/records/a.ts -> src/xml/fine.ts'],
  ['src/values/a.ts', `import '../state/fine.ts';`, 'values-layer: src/values/a.ts -> src/state/fine.ts'],
  ['src/config/a.ts', `import '../state/fine.ts';`, 'config-layer: src/config/a.ts -> src/state/fine.ts'],
  ['src/doctor/a.ts', `import '../plan/fine.ts';`, 'doctor-layer: src/doctor/a.ts -> src/plan/fine.ts'],
  ['src/capture/a.ts', `import '../records/fine.ts';`, 'capture-layer: src/capture/a.ts -> src/records/fine.ts'],
  ['src/topology/a.ts', `import '../plan/fine.ts';`, 'topology-layer: src/topology/a.ts -> src/plan/fine.ts'],
  ['src/observe/a.ts', `import '../plan/fine.ts';`, 'observe-layer: src/observe/a.ts -> src/plan/fine.ts'],
  ['src/apply/a.ts', `import '../doctor/fine.ts';`, 'apply-layer: src/apply/a.ts -> src/doctor/fine.ts'],
  ...roomPlants(),
  ['src/errors.ts', `import './xml/fine.ts';`, 'errors-stand-alone: src/errors.ts -> src/xml/fine.ts'],
  ['src/index.ts', `import './cli/fine.ts';`, 'only-cli-imports-cli: src/index.ts -> src/cli/fine.ts'],
  ['src/cli/a.ts', `import '../host/d.ts';`, 'cli-looks-through-observe: src/cli/a.ts -> src/host/d.ts'],
  ['src/plan/c.ts', `import 'node:fs';`, 'pure-layers-have-no-effects: src/plan/c.ts -> fs'],
  ['src/plan/d.ts', `import 'koffi';`, 'pure-layers-use-few-packages: src/plan/d.ts -> koffi'],
  ['src/observe/b.ts', `import 'koffi';`, 'koffi-lives-in-libvirt: src/observe/b.ts -> koffi'],
  ['src/observe/c.ts', `import 'node:worker_threads';`, 'threads-live-in-libvirt: src/observe/c.ts -> worker_threads'],
  ['src/host/b.ts', `import 'node:child_process';`, 'programs-start-in-run: src/host/b.ts -> child_process'],
  ['src/host/h.ts', `import 'node:module';`, 'nothing-is-required: src/host/h.ts -> module'],
  ['src/apply/b.ts', `import 'ora';`, 'commander-and-ora-live-in-cli: src/apply/b.ts -> ora'],
  ['src/index.d.ts', `import 'commander';`, 'commander-and-ora-live-in-cli: src/index.d.ts -> commander'],
  ['src/plan/e.ts', `import 'fast-xml-parser';`, 'fast-xml-parser-lives-in-xml: src/plan/e.ts -> fast-xml-parser'],
  ['src/plan/f.ts', `import 'xmlbuilder2';`, 'xmlbuilder2-lives-in-xml: src/plan/f.ts -> xmlbuilder2'],
  ['src/host/d.ts', `import './e.ts';`, 'no-cycles: src/host/d.ts -> src/host/e.ts'],
  ['src/host/i.ts', `export const load = () => import('./j.ts');`, 'no-cycles: src/host/i.ts -> src/host/j.ts'],
  ['src/host/f.ts', `import 'fast-check';`, 'no-development-packages: src/host/f.ts -> fast-check'],
  ['src/host/g.ts', `import './missing.ts';`, 'nothing-unresolved: src/host/g.ts -> ./missing.ts'],
];

/** Imports that every layer may have: none of them may be reported. */
const allowed: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...new Set(Object.values(strangers))].map((room) => [`src/${room}/fine.ts`, 'export {};'])),
  'src/xml/fine.ts': `import 'fast-xml-parser'; import 'xmlbuilder2'; import 'ipaddr.js'; import 'node:net'; import 'node:util'; import '../errors.ts';`,
  'src/xml/parser.ts': `import 'fast-xml-parser';`,
  'src/host/e.ts': `import './d.ts';`,
  'src/host/j.ts': `import './i.ts';`,
  'src/libvirt/fine.ts': `import 'koffi'; import 'node:worker_threads';`,
  'src/host/run.ts': `import 'node:child_process';`,
  'src/records/fine.ts': 'export {};',
  'src/state/fine.ts': `import '../xml/fine.ts'; import 'yaml';`,
  'src/plan/fine.ts': `import '../state/fine.ts'; import '../xml/fine.ts';`,
  'src/doctor/fine.ts': `import '../state/fine.ts';`,
  'src/topology/fine.ts': `import '../state/fine.ts'; import 'string-width';`,
  'src/plan/network/allowed.ts': `import '../nic/fine.ts'; import '../steps/allowed.ts'; import '../fine.ts';`,
  'src/plan/steps/allowed.ts': `import '../fine.ts';`,
  'src/observe/fine.ts': `import '../libvirt/fine.ts'; import '../host/run.ts'; import 'node:fs'; export type O = 1;`,
  'src/apply/fine.ts': `import '../observe/fine.ts'; import '../plan/fine.ts';`,
  'src/cli/fine.ts': `import 'commander'; import 'ora'; import 'yaml'; import '../apply/fine.ts'; import '../doctor/fine.ts';`,
};

describe('the architecture', () => {
  it('has a rule for each layer and room', async () => {
    const { layers, rooms } = await rulesOf();
    const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const paths = [...new Set(files.flatMap(foldersOf))];
    expect(paths.filter((path) => !path.includes('/')).sort()).toEqual([...layers, 'cli'].sort());
    expect(Object.keys(strangers).sort()).toEqual([...rooms].sort());
    const ruled = paths.filter(
      (path) =>
        /^(plan|apply|cli|host|libvirt|topology|doctor\/lint)\//.test(path) && !path.startsWith('cli/commands/'),
    );
    expect(ruled.sort()).toEqual([...rooms].sort());
  });

  it('is kept by src, and each package that reads or writes XML is known to one file', async () => {
    const { modules, violations } = await cruise(root);
    expect(violations).toEqual([]);
    const importers = (name: string): readonly string[] =>
      modules
        .filter(
          ({ source, dependencies }) =>
            source.startsWith('src/') &&
            dependencies.some(({ resolved }) => resolved.includes(`node_modules/${name}/`)),
        )
        .map(({ source }) => source);
    expect(importers('fast-xml-parser')).toHaveLength(1);
    expect(importers('xmlbuilder2')).toHaveLength(1);
  });

  it('keeps its rules also where a module of Node.js is taken at use', () => {
    const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const taken = files.flatMap((file) =>
      [...readFileSync(`${root}src/${file}`, 'utf8').matchAll(/getBuiltinModule\(([^)]*)\)/g)].map(
        ([, name = '']) => `${file} ${name}`,
      ),
    );
    const pure = /^(records|values|xml|config|firewall|capture|state|plan|doctor|topology)\//;
    const homes = /^host\/(run|child\/node)\.ts 'node:child_process'$/;
    const wrong = taken.filter(
      (use) =>
        pure.test(use) || !/ 'node:[\w/]+'$/.test(use) || (/child_process|module|worker/.test(use) && !homes.test(use)),
    );
    expect({ wrong, isUsed: taken.some((use) => homes.test(use)) }).toEqual({ wrong: [], isUsed: true });
  });

  describe('in a tree with one file against each rule', () => {
    let tree: string;
    let violations: readonly string[];

    beforeAll(async () => {
      tree = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
      const files = [...Object.entries(allowed), ...planted];
      for (const [file, text] of files) {
        await mkdir(dirname(`${tree}/${file}`), { recursive: true });
        await writeFile(`${tree}/${file}`, text);
      }
      for (const shared of ['package.json', 'tsconfig.json', 'node_modules'])
        await symlink(root + shared, `${tree}/${shared}`);
      ({ violations } = await cruise(tree));
    });

    afterAll(() => rm(tree, { recursive: true }));

    it.each(planted)('reports that %s may not do this: %s', (_file, _text, violation) => {
      expect(violations).toContain(violation);
    });

    it('reports nothing for files that keep the rules', () => {
      const told = violations.filter((violation) =>
        Object.keys(allowed).some((file) => violation.includes(`: ${file} ->`)),
      );
      expect(told).toEqual([]);
    });
  });
});

describe('the rooms of src and test', () => {
  const all = ['src', 'test'].flatMap((top) =>
    readdirSync(root + top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => ({ folder: parentPath.slice(root.length), path: `${parentPath}/${name}` })),
  );

  it('have no folder of more than 25 files, but for the folders of commands', () => {
    const folders = [...new Set(all.map(({ folder }) => folder))].filter((folder) => !folder.endsWith('/commands'));
    const crowded = folders.filter((folder) => all.filter((file) => file.folder === folder).length > 25);
    expect(folders.length).toBeGreaterThan(60);
    expect(crowded).toEqual([]);
  });

  it('have no file of more than 300 lines', () => {
    const code = all.filter(({ path }) => /\.[cm]?[jt]s$/.test(path)).map(({ path }) => path);
    const long = code.filter((path) => readFileSync(path, 'utf8').split('\n').length - 1 > 300);
    expect(code.length).toBeGreaterThan(600);
    expect(long).toEqual([]);
  });
});
