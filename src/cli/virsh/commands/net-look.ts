/** virsh's commands that show one network. */
import { LibvirtError } from '../../../libvirt/error.ts';
import { common, data, flag, text, type VirshDefinition } from '../grammar/definition.ts';
import { printXml } from '../dumpxml.ts';
import { findNetwork } from '../find.ts';
import { localTime } from '../local-time.ts';
import { inVirshOrder } from '../order.ts';

export const netInfo: VirshDefinition = {
  options: [common.network],
  examples: [['net-info default', 'name, UUID, states and bridge']],
  async run(call) {
    const connection = await call.connection('read');
    const { name, uuid, active, persistent, autostart } = await findNetwork(call, connection);
    // macvtap and hostdev networks have none, and libvirt answers with an error.
    const bridge = await connection.call('networkBridge', { network: uuid }).catch((error: unknown) => {
      if (error instanceof LibvirtError) return undefined;
      throw error;
    });
    const yes = (value: boolean): string => (value ? 'yes' : 'no');
    const lines = [
      ['Name:', name],
      ['UUID:', uuid],
      ['Active:', yes(active)],
      ['Persistent:', yes(persistent)],
      ['Autostart:', yes(autostart)],
      ...(bridge === undefined ? [] : [['Bridge:', bridge]]),
    ];
    lines.forEach(([label = '', value = '']) => {
      call.print(`${label.padEnd(15)} ${value}\n`);
    });
    return { name, uuid, active, persistent, autostart, bridge };
  },
};

export const netName: VirshDefinition = {
  options: [data('network', 'the UUID of a network')],
  examples: [['net-name 6f6c0b5c-4b8f-4c4b-9a37-5a1f5a0d6b1e', 'the name that goes with it']],
  async run(call) {
    const { name, uuid } = await findNetwork(call, await call.connection('read'), 'uuid');
    call.print(`${name}\n`);
    return { name, uuid };
  },
};

export const netUuid: VirshDefinition = {
  options: [data('network', 'the name of a network', { completes: 'network' })],
  examples: [['net-uuid default', 'its UUID']],
  async run(call) {
    const { name, uuid } = await findNetwork(call, await call.connection('read'), 'name');
    call.print(`${uuid}\n`);
    return { name, uuid };
  },
};

export const netDumpxml: VirshDefinition = {
  options: [
    common.network,
    flag('inactive', 'the definition at the next start, also of an active network'),
    common.xpath,
    common.wrap,
  ],
  description: 'An expression that XPath does not know is an error; virsh prints nothing and says success.',
  examples: [
    ['net-dumpxml default --inactive', 'what it will be at the next start'],
    ["net-dumpxml default --xpath '//host/@mac'", 'the MAC addresses of its reservations'],
  ],
  async run(call) {
    const connection = await call.connection('read');
    const { name, uuid } = await findNetwork(call, connection);
    const inactive = call.given('inactive');
    return printXml(call, connection, name, () => connection.call('getNetworkXml', { network: uuid, inactive }));
  },
};

export const netDhcpLeases: VirshDefinition = {
  options: [common.network, text('mac', 'only the leases of this MAC address')],
  examples: [['net-dhcp-leases default', 'the leases that dnsmasq has given']],
  async run(call) {
    const mac = call.text('mac');
    const connection = await call.connection('read');
    const { uuid } = await findNetwork(call, connection);
    const leases = await connection.call('listNetworkLeases', { network: uuid, mac });
    const sorted = inVirshOrder(leases, (lease) => lease.mac ?? '');
    await call.table(
      ['Expiry Time', 'MAC address', 'Protocol', 'IP address', 'Hostname', 'Client ID or DUID'],
      sorted.map((lease) => [
        localTime(lease.expires),
        lease.mac ?? '-',
        lease.family,
        `${lease.address}/${String(lease.prefix)}`,
        lease.hostname ?? '-',
        lease.clientId ?? '-',
      ]),
    );
    return sorted;
  },
};
