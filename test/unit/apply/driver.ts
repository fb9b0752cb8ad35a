/**
 * A libvirt in memory, as its own test driver is one: networks and domains with a live definition and a configuration. Faults happen at the
 * calls that a test names.
 */
import { KvmnetError } from '../../../src/errors.ts';
import type { Connection } from '../../../src/libvirt/connection.ts';
import { LibvirtError, virErrors } from '../../../src/libvirt/error.ts';
import type { ProcedureArguments, ProcedureName, ProcedureResult } from '../../../src/libvirt/procedures.ts';
import type { DomainRecord, NetworkRecord } from '../../../src/libvirt/records.ts';
import { buildDomain } from '../../../src/xml/build.ts';
import { parseDomain } from '../../../src/xml/domain.ts';
import { parseInterface } from '../../../src/xml/interface.ts';
import { parseNetwork } from '../../../src/xml/network.ts';

/** A network or domain, in one or both of its lives. */
interface Entity {
  readonly uuid: string;
  readonly name: string;
  live: string | undefined;
  config: string | undefined;
  autostart: boolean;
  paused: boolean;
}

/**
 * The fault of a call. `refused`: an error, and nothing is done; `broken`: an error after it is done;
 * `ignored`: success, and nothing is done; `lost before` and `lost after`: the daemon exits, and no later
 * call is answered; `hung`: the call never ends.
 */
export type Fault = 'refused' | 'broken' | 'ignored' | 'lost before' | 'lost after' | 'hung';

type Procedures = { readonly [P in ProcedureName]?: (args: ProcedureArguments<P>[0]) => ProcedureResult<P> };

export function libvirtError(code: keyof typeof virErrors, message = code.toLowerCase()): LibvirtError {
  const nothing = { domain: 0, level: 2, str1: null, str2: null, str3: null, int1: 0, int2: 0 };
  return new LibvirtError({ function: 'virSomething', code: virErrors[code], message, ...nothing });
}

/** Opens no connection: the driver is one. Its URI is a session daemon's, so that the lock is one of the test's own. */
export class MemoryDriver implements Connection {
  readonly uri = 'qemu:///session';
  hung = false;
  /** The calls that change something, in order, failed calls included. */
  readonly changes: string[] = [];
  /** Called after each call that changes something, with their number so far. */
  onChange: (count: number) => void = () => undefined;
  readonly #networks = new Map<string, Entity>();
  readonly #domains = new Map<string, Entity>();
  readonly #faults = new Map<number, { readonly fault: Fault; readonly error: Error }>();
  #isLost = false;

  /** Lets the call that is the `number`-th change from now on, from 1, go wrong. */
  fail(number: number, fault: Fault, error: Error = libvirtError('VIR_ERR_OPERATION_FAILED', 'it failed')): void {
    this.#faults.set(this.changes.length + number, { fault, error });
  }

  /** The daemon answers again, and no fault is left. */
  revive(): void {
    this.#isLost = false;
    this.hung = false;
    this.#faults.clear();
  }

  /** All that it has, to be compared. */
  get content(): unknown {
    const sorted = (entities: ReadonlyMap<string, Entity>): readonly Entity[] =>
      [...entities.values()].sort((left, right) => (left.uuid < right.uuid ? -1 : 1));
    return structuredClone({ networks: sorted(this.#networks), domains: sorted(this.#domains) });
  }

  async call<P extends ProcedureName>(procedure: P, ...args: ProcedureArguments<P>): Promise<ProcedureResult<P>> {
    await Promise.resolve();
    if (this.#isLost) throw this.#lost();
    const run: Procedures[P] = this.#procedures[procedure];
    if (run === undefined) throw libvirtError('VIR_ERR_NO_SUPPORT', `the driver in memory has no ${procedure}`);
    if (!/^(network|domain)[A-Z]/.test(procedure) || procedure === 'domainSecureXml') return run(args[0]);
    this.changes.push(procedure);
    const found = this.#faults.get(this.changes.length);
    try {
      return this.#change(() => run(args[0]), found);
    } finally {
      this.onChange(this.changes.length);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #change<R>(run: () => R, found: { readonly fault: Fault; readonly error: Error } | undefined): R {
    switch (found?.fault) {
      case undefined:
        return run();
      case 'refused':
        throw found.error;
      case 'broken':
        run();
        throw found.error;
      case 'ignored':
        return undefined as R;
      case 'lost before':
        this.#isLost = true;
        throw this.#lost();
      case 'lost after':
        run();
        this.#isLost = true;
        throw this.#lost();
      case 'hung':
        this.hung = true;
        this.#isLost = true;
        throw new KvmnetError('TIMEOUT', 'the daemon does not answer');
    }
  }

  #lost(): KvmnetError {
    return new KvmnetError('CONNECT', `the connection to ${this.uri} is closed`);
  }

  readonly #procedures: Procedures = {
    isAlive: () => true,
    describe: () => ({ uri: this.uri, hypervisor: 'QEMU', libvirtVersion: 9_000_000 }),
    listNetworks: () => [...this.#networks.values()].map(networkRecord),
    listDomains: () => [...this.#domains.values()].map(domainRecord),
    getNetwork: ({ network }) => networkRecord(this.#network(network)),
    getDomain: ({ domain }) => domainRecord(this.#domain(domain)),
    domainSecureXml: ({ domain }) => this.#domain(domain).config ?? '',
    networkDefine: ({ xml }) => {
      define(this.#networks, parseNetwork(xml), xml, 'config');
    },
    networkCreate: ({ xml }) => {
      define(this.#networks, parseNetwork(xml), xml, 'live');
    },
    networkUndefine: ({ network }) => {
      undefine(this.#networks, this.#network(network));
    },
    networkStart: ({ network }) => {
      start(this.#network(network));
    },
    networkDestroy: ({ network }) => {
      stop(this.#networks, this.#network(network));
    },
    networkSetAutostart: ({ network, autostart }) => {
      this.#network(network).autostart = autostart;
    },
    domainDefine: ({ xml }) => {
      const domain = parseDomain(xml);
      // As libvirt does, it gives back what it has understood.
      define(this.#domains, domain, buildDomain(domain), 'config');
      return domain.name;
    },
    domainUndefine: ({ domain }) => {
      undefine(this.#domains, this.#domain(domain));
    },
    domainStart: ({ domain }) => {
      start(this.#domain(domain));
    },
    domainDestroy: ({ domain }) => {
      stop(this.#domains, this.#domain(domain));
    },
    domainShutdown: ({ domain }) => {
      stop(this.#domains, this.#domain(domain));
    },
    domainSuspend: ({ domain }) => {
      this.#domain(domain).paused = true;
    },
    domainResume: ({ domain }) => {
      this.#domain(domain).paused = false;
    },
    domainSetAutostart: ({ domain, autostart }) => {
      this.#domain(domain).autostart = autostart;
    },
    domainAttachDevice: (change) => {
      this.#editNics(change, (nics, nic) => [...nics, nic]);
    },
    domainDetachDevice: (change) => {
      this.#editNics(change, (nics, nic) => nics.filter(({ mac }) => mac?.address !== nic.mac?.address));
    },
    domainUpdateDevice: (change) => {
      this.#editNics(change, (nics, nic) => nics.map((each) => (each.mac?.address === nic.mac?.address ? nic : each)));
    },
  };

  #editNics(
    { domain, xml, live, config }: ProcedureArguments<'domainAttachDevice'>[0],
    edit: (nics: readonly Nic[], nic: Nic) => readonly Nic[],
  ): void {
    const entity = this.#domain(domain);
    const edited = (definition: string | undefined): string => {
      if (definition === undefined) throw libvirtError('VIR_ERR_OPERATION_INVALID', 'the domain is not in this life');
      const parsed = parseDomain(definition);
      return buildDomain({ ...parsed, interfaces: [...edit(parsed.interfaces, parseInterface(xml))] });
    };
    // Both, or none.
    const [newLive, newConfig] = [
      live ? edited(entity.live) : entity.live,
      config ? edited(entity.config) : entity.config,
    ];
    Object.assign(entity, { live: newLive, config: newConfig });
  }

  #network(key: string): Entity {
    return find(this.#networks, key, 'VIR_ERR_NO_NETWORK');
  }

  #domain(key: string): Entity {
    return find(this.#domains, key, 'VIR_ERR_NO_DOMAIN');
  }
}

type Nic = ReturnType<typeof parseInterface>;

function find(entities: ReadonlyMap<string, Entity>, key: string, missing: keyof typeof virErrors): Entity {
  const found = entities.get(key) ?? [...entities.values()].find(({ name }) => name === key);
  if (!found) throw libvirtError(missing, `nothing is called ${key}`);
  return found;
}

function define(
  entities: Map<string, Entity>,
  { name, uuid }: { readonly name: string; readonly uuid?: string | undefined },
  xml: string,
  life: 'live' | 'config',
): void {
  if (uuid === undefined) throw libvirtError('VIR_ERR_XML_ERROR', 'the driver in memory needs a UUID');
  const other = [...entities.values()].find((each) => each.name === name && each.uuid !== uuid);
  if (other) throw libvirtError('VIR_ERR_OPERATION_FAILED', `${name} already exists with uuid ${other.uuid}`);
  const before = entities.get(uuid) ?? { live: undefined, config: undefined, autostart: false, paused: false };
  if (life === 'live' && before.live !== undefined) throw libvirtError('VIR_ERR_OPERATION_INVALID', 'it is active');
  entities.set(uuid, { ...before, uuid, name, [life]: xml });
}

function undefine(entities: Map<string, Entity>, entity: Entity): void {
  entity.config = undefined;
  entity.autostart = false;
  if (entity.live === undefined) entities.delete(entity.uuid);
}

function start(entity: Entity): void {
  if (entity.live !== undefined) throw libvirtError('VIR_ERR_OPERATION_INVALID', `${entity.name} is active`);
  entity.live = entity.config;
}

function stop(entities: Map<string, Entity>, entity: Entity): void {
  if (entity.live === undefined) throw libvirtError('VIR_ERR_OPERATION_INVALID', `${entity.name} is not active`);
  entity.live = undefined;
  entity.paused = false;
  if (entity.config === undefined) entities.delete(entity.uuid);
}

function common({ name, uuid, live, config, autostart }: Entity) {
  const lives = { active: live !== undefined, persistent: config !== undefined };
  return { name, uuid, ...lives, autostart, xml: live ?? config ?? '', inactiveXml: config };
}

function networkRecord(entity: Entity): NetworkRecord {
  return { ...common(entity), leases: [] };
}

function domainRecord(entity: Entity): DomainRecord {
  const { live, paused } = entity;
  const state = live === undefined ? 'shut off' : paused ? 'paused' : 'running';
  return { ...common(entity), id: live === undefined ? undefined : 1, state };
}
