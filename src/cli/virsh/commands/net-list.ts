import { unlessMissing } from '../../../errors.ts';
import type { Connection } from '../../../libvirt/connection.ts';
import { flag, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { requireMetadata } from '../needs.ts';
import { inVirshOrder } from '../order.ts';

export const netList: VirshDefinition = {
  options: [
    flag('inactive', 'only inactive networks'),
    flag('all', 'active and inactive ones'),
    flag('persistent', 'only persistent ones'),
    flag('transient', 'only transient ones'),
    flag('autostart', 'only those with autostart'),
    flag('no-autostart', 'only those without autostart'),
    flag('uuid', 'print UUIDs only'),
    flag('name', 'print names only'),
    flag('table', 'print a table (the default)'),
    flag('title', 'with the titles of the networks; needs libvirt 9.7'),
  ],
  examples: [
    ['net-list --all', 'all networks, as virsh prints them'],
    ['net-list --name --autostart', 'the names of the active ones that start at boot'],
  ],
  async run(call) {
    if ([call.given('table'), call.given('name'), call.given('uuid')].filter(Boolean).length > 1) {
      const line = 'Only one argument from --table, --name and --uuid may be specified.';
      throw new VirshError('USAGE', 'only one of --table, --name and --uuid is possible', line);
    }
    const connection = await call.connection('read');
    const withTitle = call.given('title');
    if (withTitle) await requireMetadata(connection);
    const all = await connection.call('listNetworks', {});
    const networks = inVirshOrder(
      all.filter(
        (network) =>
          (call.given('all') || network.active !== call.given('inactive')) &&
          either(call.given('persistent'), call.given('transient'), network.persistent) &&
          either(call.given('autostart'), call.given('no-autostart'), network.autostart),
      ),
      ({ name }) => name,
    );
    if (call.given('uuid')) networks.forEach(({ uuid }) => call.print(`${uuid}\n`));
    else if (call.given('name')) networks.forEach(({ name }) => call.print(`${name}\n`));
    else {
      const titles = withTitle ? await Promise.all(networks.map(({ uuid }) => titleOf(connection, uuid))) : [];
      const rows = networks.map(({ name, active, autostart, persistent }, index) => [
        ...[name, active ? 'active' : 'inactive', autostart ? 'yes' : 'no', persistent ? 'yes' : 'no'],
        ...titles.slice(index, index + 1),
      ]);
      await call.table(['Name', 'State', 'Autostart', 'Persistent', ...(withTitle ? ['Title'] : [])], rows);
    }
    return networks.map(({ name, uuid, active, autostart, persistent }) => ({
      name,
      uuid,
      active,
      autostart,
      persistent,
    }));
  },
};

async function titleOf(connection: Connection, network: string): Promise<string> {
  const key = { network, type: 'title', live: false, config: false } as const;
  return (await unlessMissing(connection.call('getNetworkMetadata', key))) ?? '';
}

/** Two filters that exclude each other; both, or none, let all pass. */
function either(wanted: boolean, unwanted: boolean, value: boolean): boolean {
  return wanted === unwanted || value === wanted;
}
