/** Reports the events of a host from all sources: libvirt, the kernel and dnsmasq. A daemon that goes away is waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../../errors.ts';
import { readLinks } from '../../host/links/links.ts';
import { startMonitor } from '../../host/links/monitor.ts';
import type { RunningProgram } from '../../host/running.ts';
import { connect, type Connection } from '../../libvirt/connection.ts';
import type { EventRecord } from '../../libvirt/records.ts';
import type { Happening, LinkMessage } from '../../records/timeline.ts';
import { nicsOf } from '../../state/nics.ts';
import { objectChanges, type Objects } from '../../state/timeline/gap.ts';
import { LinkTable } from '../../state/timeline/links.ts';
import { domainState } from '../observe.ts';
import { hostTarget } from '../host-target.ts';
import { isLocal } from '../uri.ts';
import { watchLeases, type LeaseWatch } from './leases.ts';

export interface WatchOptions {
  readonly uri: string;
  /** Milliseconds of each call of libvirt. */
  readonly timeout?: number | undefined;
  readonly report: (happening: Happening) => void;
}

/** Milliseconds between attempts to connect again; the last one repeats. */
const pauses = [500, 1_000, 2_000, 5_000];

/** Milliseconds until messages of the kernel that came while the links were read are certain to be in. */
const settling = 500;

export class HostWatch {
  readonly #options: WatchOptions;
  readonly #stopping = new AbortController();
  #connection: Connection | undefined;
  #leases: LeaseWatch | undefined;
  #monitor: RunningProgram | undefined;
  #links: LinkTable | undefined;
  #objects: Objects = { networks: new Map(), domains: new Map() };
  #owners: ReadonlyMap<string, string> = new Map();
  #reading: Promise<void> | undefined;
  #isStale = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** The connection to libvirt, for further questions; undefined while the daemon is away. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /**
   * Starts all sources that this host has.
   * @throws the errors of the connection, and of ip(8)
   */
  async start(): Promise<void> {
    await this.#connect();
    if (seesLinks(this.#options.uri)) await this.#watchLinks();
  }

  /** Ends all sources, and waits until no process is left. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#leases?.stop();
    await Promise.all([this.#monitor?.stop(), this.#connection?.close().catch(() => undefined)]);
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #connect(): Promise<void> {
    const { uri, timeout } = this.#options;
    const connection = await connect(uri, {
      ...{ readOnly: true, timeout },
      onEvent: (event) => {
        if (connection === this.#connection) this.#take(event);
      },
    });
    this.#connection = connection;
    await this.#readObjects(connection);
    this.#leases?.stop();
    this.#leases = await watchLeases({
      ...{ connection, isLocal: isLocal(uri), previous: this.#leases },
      report: this.#options.report,
      domainOf: (mac) => (mac === undefined ? undefined : this.#owners.get(ownPart(mac))),
      onFailure: (error) => void this.#lose(connection, error.message),
    });
  }

  #take(event: EventRecord): void {
    const { report } = this.#options;
    switch (event.object) {
      case 'network':
        report({ source: 'libvirt', object: 'network', name: event.name, event: event.event });
        this.#note('networks', event);
        this.#leases?.check();
        return;
      case 'domain': {
        const { name, detail } = event;
        report({
          ...{ source: 'libvirt', object: 'domain', name, event: event.event },
          ...(detail === undefined ? {} : { detail }),
        });
        this.#note('domains', event);
        this.#refresh();
        return;
      }
      case 'device':
        report({ source: 'libvirt', object: 'device', name: event.name, event: event.event, alias: event.alias });
        this.#refresh();
        return;
      case 'connection':
        if (this.#connection) void this.#lose(this.#connection, event.detail);
    }
  }

  /** Keeps the objects that a gap is compared with. */
  #note(kind: keyof Objects, { name, event }: { readonly name: string; readonly event: string }): void {
    const objects = new Map(this.#objects[kind]);
    if (event === 'undefined' && objects.get(name) !== true) objects.delete(name);
    else objects.set(name, event === 'started' || (event !== 'stopped' && (objects.get(name) ?? false)));
    this.#objects = { ...this.#objects, [kind]: objects };
  }

  /** Reports that the connection is lost, and connects again; what has happened in between is reported then. */
  async #lose(lost: Connection, detail: string): Promise<void> {
    if (this.#connection !== lost || this.#isStopping()) return;
    const { uri: name, report } = this.#options;
    this.#connection = undefined;
    this.#leases?.stop();
    report({ source: 'libvirt', object: 'connection', name, event: 'lost', detail });
    void lost.close().catch(() => undefined);
    for (let attempt = 0; ; attempt += 1) {
      await sleep(pauses[Math.min(attempt, pauses.length - 1)], undefined, { signal: this.#stopping.signal }).catch(
        () => undefined,
      );
      if (this.#isStopping()) return;
      const before = this.#objects;
      try {
        await this.#connect();
        report({ source: 'libvirt', object: 'connection', name, event: 'restored' });
        objectChanges(before, this.#objects).forEach(report);
        // The ssh of the links has ended with libvirt's ssh.
        if (remoteHost(name) !== undefined) await this.#watchLinks();
        return;
      } catch (error) {
        if (!(error instanceof KvmnetError)) throw error;
        this.#connection = undefined; // it does not answer yet
      }
    }
  }

  async #readObjects(connection: Connection): Promise<void> {
    const [networks, domains] = await Promise.all([
      connection.call('listNetworks', { leases: false }),
      connection.call('listDomains'),
    ]);
    this.#objects = {
      networks: new Map(networks.map(({ name, active }) => [name, active])),
      domains: new Map(domains.map(({ name, active }) => [name, active])),
    };
    const nics = domains
      .filter(({ problem }) => problem === undefined)
      .flatMap((domain) => nicsOf(domainState(domain)).map(({ mac }) => ({ mac, name: domain.name })));
    this.#owners = new Map(nics.flatMap(({ mac, name }) => (mac === undefined ? [] : [[ownPart(mac), name]])));
  }

  /** Reads the NICs of VMs again, one reading at a time. */
  #refresh(): void {
    this.#isStale = true;
    this.#reading ??= (async () => {
      while (this.#isStale && this.#connection) {
        this.#isStale = false;
        const before = this.#objects;
        await this.#readObjects(this.#connection).catch(() => undefined); // one that is lost is reported by its event
        this.#objects = before;
      }
      this.#reading = undefined;
    })();
  }

  async #watchLinks(): Promise<void> {
    const report = (happenings: readonly Happening[]): void => {
      happenings.forEach((each) => {
        this.#options.report(this.#withOwner(each));
      });
    };
    const on = remoteHost(this.#options.uri);
    const early: LinkMessage[] = [];
    let isEarly = true;
    await this.#monitor?.stop();
    const catchUp = async (): Promise<void> => {
      const links = await readLinks({ on }).catch(() => undefined);
      if (links && this.#links && !this.#isStopping()) report(this.#links.catchUp(links));
    };
    this.#monitor = await startMonitor(
      (message) => {
        if (isEarly || !this.#links) early.push(message);
        else report(this.#links.take(message));
      },
      () => void catchUp(),
      on,
    );
    const links = await readLinks({ on });
    if (this.#links) report(this.#links.catchUp(links));
    const table = (this.#links ??= new LinkTable(links));
    isEarly = false;
    early.forEach((message) => {
      report(table.take(message));
    });
    setTimeout(() => void catchUp(), settling).unref();
  }

  /** A tap has the MAC address of its NIC, except for the first byte. */
  #withOwner(happening: Happening): Happening {
    if (happening.object !== 'link' || happening.mac === undefined || !/^(vnet|macvtap)\d+$/.test(happening.name))
      return happening;
    const domain = this.#owners.get(ownPart(happening.mac));
    return domain === undefined ? happening : { ...happening, domain };
  }
}

/** Whether the links of a host can be watched: of this one, and of hosts that ssh reaches. */
export function seesLinks(uri: string): boolean {
  return isLocal(uri) || remoteHost(uri) !== undefined;
}

function remoteHost(uri: string): ReturnType<typeof hostTarget> {
  try {
    return hostTarget(uri);
  } catch (error) {
    if (error instanceof KvmnetError) return undefined;
    throw error;
  }
}

/** The part of a MAC address that a NIC and its tap have in common. */
function ownPart(mac: string): string {
  return mac.toLowerCase().slice(3);
}
