/** A libvirt in memory with filters, bindings, host interfaces, and a network with ports and metadata: what libvirt here may lack. */
import type { Connection } from '../../../src/libvirt/connection.ts';
import type { ProcedureArguments, ProcedureName, ProcedureResult } from '../../../src/libvirt/procedures.ts';
import { bindingTap, filterName, interfaceName, withPortUuid } from '../../../src/xml/object-name.ts';
import { libvirtError } from './driver.ts';

type Procedures = { readonly [P in ProcedureName]?: (args: ProcedureArguments<P>[0]) => ProcedureResult<P> };
type MissingError = Parameters<typeof libvirtError>[0];

export class ObjectDriver implements Connection {
  readonly uri = 'qemu:///session';
  readonly hung = false;
  /** By name, by tap, by name, by UUID, and by life, type and namespace. */
  readonly content = {
    filters: {} as Record<string, string>,
    bindings: {} as Record<string, string>,
    interfaces: {} as Record<string, { xml: string; active: boolean }>,
    ports: {} as Record<string, string>,
    metadata: {} as Record<string, string>,
    transactions: [] as string[],
  };
  /** The procedure whose next call fails. */
  failing: ProcedureName | undefined;

  async call<P extends ProcedureName>(procedure: P, ...args: ProcedureArguments<P>): Promise<ProcedureResult<P>> {
    await Promise.resolve();
    if (procedure === this.failing) {
      this.failing = undefined;
      throw libvirtError('VIR_ERR_OPERATION_FAILED', 'it failed');
    }
    const run: Procedures[P] = this.#procedures[procedure];
    if (run === undefined) throw libvirtError('VIR_ERR_NO_SUPPORT', `the driver in memory has no ${procedure}`);
    return run(args[0]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  readonly #procedures: Procedures = {
    isAlive: () => true,
    describe: () => ({ uri: this.uri, hypervisor: 'QEMU', libvirtVersion: 9_007_000 }),
    getNetwork: ({ network }) => ({
      ...{ name: 'lab', uuid: network, active: true, persistent: true, autostart: false, leases: [] },
      ...{ xml: '<network><name>lab</name></network>', inactiveXml: '<network><name>lab</name></network>' },
    }),
    getFilter: ({ filter }) => ({
      ...{ name: filter, uuid: filter },
      xml: found(this.content.filters, filter, 'VIR_ERR_NO_NWFILTER'),
    }),
    filterDefine: ({ xml }) => {
      const name = filterName(xml);
      this.content.filters[name] = xml;
      return name;
    },
    filterUndefine: ({ filter }) => {
      remove(this.content.filters, filter, 'VIR_ERR_NO_NWFILTER');
    },
    getFilterBinding: ({ portDev }) => ({
      ...{ portDev, filter: 'any' },
      xml: found(this.content.bindings, portDev, 'VIR_ERR_NO_NWFILTER_BINDING'),
    }),
    filterBindingCreate: ({ xml }) => {
      const tap = bindingTap(xml);
      this.content.bindings[tap] = xml;
      return tap;
    },
    filterBindingDelete: ({ portDev }) => {
      remove(this.content.bindings, portDev, 'VIR_ERR_NO_NWFILTER_BINDING');
    },
    getInterface: ({ name }) => {
      const { active } = found(this.content.interfaces, name, 'VIR_ERR_NO_INTERFACE');
      return { name, mac: undefined, active };
    },
    interfaceXml: ({ name }) => found(this.content.interfaces, name, 'VIR_ERR_NO_INTERFACE').xml,
    interfaceDefine: ({ xml }) => {
      const name = interfaceName(xml);
      this.content.interfaces[name] = { active: this.content.interfaces[name]?.active ?? false, xml };
      return name;
    },
    interfaceUndefine: ({ name }) => {
      remove(this.content.interfaces, name, 'VIR_ERR_NO_INTERFACE');
    },
    interfaceStart: ({ name }) => {
      found(this.content.interfaces, name, 'VIR_ERR_NO_INTERFACE').active = true;
    },
    interfaceDestroy: ({ name }) => {
      found(this.content.interfaces, name, 'VIR_ERR_NO_INTERFACE').active = false;
    },
    interfaceTransaction: ({ phase }) => {
      this.content.transactions.push(phase);
    },
    listNetworkPorts: () => Object.entries(this.content.ports).map(([uuid, xml]) => ({ uuid, xml })),
    networkPortCreate: ({ xml }) => {
      const { uuid } = withPortUuid(xml, 'none');
      this.content.ports[uuid] = xml;
      return uuid;
    },
    networkPortDelete: ({ port }) => {
      remove(this.content.ports, port, 'VIR_ERR_NO_NETWORK_PORT');
    },
    getNetworkMetadata: (place) => {
      const [key = ''] = keysOf(place);
      return found(this.content.metadata, key, 'VIR_ERR_NO_NETWORK_METADATA');
    },
    networkSetMetadata: ({ value, ...place }) => {
      for (const key of keysOf(place)) {
        if (value === undefined || value === '') Reflect.deleteProperty(this.content.metadata, key);
        else this.content.metadata[key] = value;
      }
    },
  };
}

/** With neither life, it is the one in use: the network is active. */
function keysOf({ type, uri = '', live, config }: ProcedureArguments<'getNetworkMetadata'>[0]): readonly string[] {
  const lives = [...(live || !config ? ['live'] : []), ...(config ? ['config'] : [])];
  return lives.map((life) => [life, type, uri].join(' '));
}

function found<T>(all: Readonly<Record<string, T>>, key: string, missing: MissingError): T {
  const value = all[key];
  if (value === undefined) throw libvirtError(missing, `nothing is called ${key}`);
  return value;
}

function remove(all: Record<string, unknown>, key: string, missing: MissingError): void {
  found(all, key, missing);
  Reflect.deleteProperty(all, key);
}
