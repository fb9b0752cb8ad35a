/** Reads the facts that checks need: each once, all at the same time, and one that cannot be read is a reason and no error. */
import { requireRoot } from '../../apply/host-only-connection.ts';
import type { FactName, Facts, Reading, Readings } from '../../doctor/facts.ts';
import { KvmnetError } from '../../errors.ts';
import { observeDaemons, observeKernelSettings, observeNetworkPrograms } from '../../observe/daemons.ts';
import { observeHealth } from '../../observe/health.ts';
import { observeHost } from '../../observe/host.ts';
import { observeHostConfig } from '../../observe/host-config.ts';
import { hostTarget } from '../../observe/host-target.ts';
import { observeListeners, observeNat } from '../../observe/nat.ts';
import { observe } from '../../observe/observe.ts';
import { observeRuleset, tablesOf } from '../../observe/packet-host.ts';
import { wholeHost } from '../../state/whole-host.ts';
import type { Context } from '../context.ts';

/** A daemon that hangs is itself a finding: the other checks do not wait long for it. */
const aside = { purpose: 'doctor', patience: 10_000 };

type Readers = { readonly [Name in FactName]: () => Promise<Facts[Name]> };

/** Reads the needed facts of the host that the context is connected to. */
export async function readFacts(context: Context, needed: ReadonlySet<FactName>): Promise<Readings> {
  const readers = readersOf(context);
  const readings = await Promise.all([...needed].map(async (name) => [name, await reading(readers[name])] as const));
  return Object.fromEntries(readings);
}

async function reading(read: () => Promise<unknown>): Promise<Reading<unknown>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof KvmnetError) return { reason: error.message };
    throw error;
  }
}

function readersOf(context: Context): Readers {
  const { options, traceRun } = context;
  const { uri } = options;
  // Facts are part of each other: what several need is read once.
  const connection = once(() => context.connection('read', aside));
  const links = once(async () => wholeHost(await observeHost({ on: hostTarget(uri), onRun: traceRun })));
  const root = async (): Promise<true> => {
    if (hostTarget(uri) === undefined) requireRoot("read the firewall's rules and libvirt's files");
    return Promise.resolve(true);
  };
  const ruleset = once(async () => {
    await root();
    return observeRuleset(uri, traceRun);
  });
  const libvirt = once(async () => {
    const only = ['networks', 'domains'] as const;
    const [seen, host] = await Promise.all([
      connection().then((open) => observe(open, { only })),
      uri.startsWith('test:') ? undefined : links(),
    ]);
    return { ...seen, host };
  });
  return {
    host: links,
    libvirt,
    daemons: () => observeDaemons(uri, connection),
    programs: () => Promise.resolve(observeNetworkPrograms(uri)),
    health: async () => {
      const [open, state, text] = await Promise.all([connection(), libvirt(), ruleset().catch(() => undefined)]);
      return observeHealth(open, state, 'whole', traceRun, text);
    },
    root,
    kernel: async () => observeKernelSettings(uri, (await links()).links, traceRun),
    nat: async () => observeNat(uri, await links(), traceRun, ruleset().then(tablesOf)),
    listeners: async () => observeListeners(uri, traceRun),
    files: () => Promise.resolve(configurationFiles(uri)),
    now: () => Promise.resolve(Date.now() / 1000),
  };
}

function configurationFiles(uri: string): Facts['files'] {
  const on = hostTarget(uri);
  if (on !== undefined) throw new KvmnetError('DEPENDENCY', `the files of ${on.host} are on another machine`);
  return observeHostConfig();
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= read());
}
