import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { main, root, run } from '../helpers/host.ts';

/** Limits of the code that a command loads, and how often it may call libvirt: handles and their fields, which no daemon is asked for, do not count. */
interface Budget {
  readonly modules: number;
  readonly kilobytes: number;
  readonly calls: number;
}

/** Modules and kilobytes have some room to grow; each call of libvirt needs a reason, and then its number here. */
const budgets: Readonly<Record<string, Budget>> = {
  '--help': { modules: 45, kilobytes: 140, calls: 0 },
  '--version': { modules: 80, kilobytes: 230, calls: 0 },
  'help net create': { modules: 370, kilobytes: 1250, calls: 0 },
  '__complete net li': { modules: 55, kilobytes: 170, calls: 0 },
  'completion bash': { modules: 170, kilobytes: 520, calls: 0 },
  history: { modules: 170, kilobytes: 530, calls: 0 },
  '-c test:///default net list': { modules: 205, kilobytes: 610, calls: 10 },
  '-c test:///default net show default': { modules: 205, kilobytes: 610, calls: 18 },
  '-c test:///default net xml default': { modules: 205, kilobytes: 610, calls: 3 },
  '-c test:///default net leases default': { modules: 205, kilobytes: 610, calls: 18 },
  '-c test:///default net create lab --isolated': { modules: 475, kilobytes: 1500, calls: 39 },
  '-c test:///default net autostart default': { modules: 475, kilobytes: 1520, calls: 31 },
  '-c test:///default net delete default --yes': { modules: 480, kilobytes: 1520, calls: 53 },
  '-c test:///default vm list': { modules: 205, kilobytes: 610, calls: 6 },
  '-c test:///default vm show test': { modules: 205, kilobytes: 610, calls: 25 },
  '-c test:///default vm nics test': { modules: 205, kilobytes: 610, calls: 17 },
  '-c test:///default vm attach test default --config': { modules: 505, kilobytes: 1580, calls: 33 },
  '-c test:///default vm detach test 0 --config --yes': { modules: 475, kilobytes: 1520, calls: 23 },
  '-c test:///default domiflist': { modules: 205, kilobytes: 610, calls: 18 },
  '-c test:///default domiflist test': { modules: 210, kilobytes: 630, calls: 3 },
  '-c test:///default topology': { modules: 260, kilobytes: 740, calls: 18 },
  '-c test:///default virsh net-list': { modules: 230, kilobytes: 680, calls: 7 },
  '-c test:///default net-dumpxml default': { modules: 215, kilobytes: 640, calls: 9 },
  // A daemon may answer, or none.
  'host show': { modules: 225, kilobytes: 660, calls: 25 },
  'bridge list': { modules: 215, kilobytes: 640, calls: 25 },
};

/** As calls.test.ts has it. */
const isLocal =
  /^vir(?:(?:Domain|Network)Get(?:Name|ID|UUIDString)|\w+Free|GetVersion|Initialize|SetErrorFunc|\w+LastError)$/;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
});
afterAll(() => rm(folder, { recursive: true }));

async function costs(line: string): Promise<Budget> {
  const list = `${folder}/loaded`;
  const options = { env: { LOADED_FILES: list } };
  const words = line.split(' ');
  const { stderr, status } = await run(
    process.execPath,
    ['--require', `${root}test/helpers/loaded.cjs`, main, ...(words[0] === '__complete' ? [] : ['-v']), ...words],
    options,
  );
  expect({ status, bugs: stderr.includes('bug in kvmnet') }).toEqual({ status: 0, bugs: false });
  const files = readFileSync(list, 'utf8')
    .split('\n')
    .filter((file) => file.startsWith(`${root}dist/`));
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const names = stderr.split('\n').flatMap((text) => /^(vir\w+) {2}[\d.]+ ms$/.exec(text)?.[1] ?? []);
  return {
    modules: files.reduce((sum, file) => sum + modulesIn(file), 0),
    kilobytes: Math.ceil(bytes / 1024),
    calls: names.filter((name) => !isLocal.test(name)).length,
  };
}

/** The number of modules that the bundler put into a file. */
function modulesIn(file: string): number {
  if (!existsSync(`${file}.map`)) return 0;
  return (JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { readonly sources: readonly string[] }).sources.length;
}

describe('a command loads no more code, and calls libvirt no more often, than its budget allows:', () => {
  it.each(Object.entries(budgets))('%s', async (line, budget) => {
    const found = await costs(line);
    const over = Object.entries(found).filter(([name, value]) => value > budget[name as keyof Budget]);
    expect({ over, found }).toEqual({ over: [], found });
  });
});
