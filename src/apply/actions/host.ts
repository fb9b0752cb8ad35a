/** How the actions that libvirt has no call for are done and undone, on its own host. */
import { KvmnetError, unlessMissing } from '../../errors.ts';
import { writeConfigFile } from '../../host/files/config-write.ts';
import { sendRelease } from '../../host/dhcp-release.ts';
import { writeSysctl } from '../../host/kernel.ts';
import { runIp } from '../../host/links/ip.ts';
import { deleteBridge, endDnsmasq, setMaster } from '../../host/leftovers.ts';
import { changeLinkVlans } from '../../host/links/port-vlans.ts';
import { writeDnsScope } from '../../host/links/resolved.ts';
import { deleteRules } from '../../host/rules.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { hostTarget } from '../../observe/host-target.ts';
import { isLocal } from '../../observe/uri.ts';
import { missingLinks, rulesOf } from '../verify/host.ts';
import { setNat } from '../verify/nat.ts';
import { setNicVlans } from '../verify/port-vlans.ts';
import { noTarget, type HostActionRows } from './row.ts';

export const hostActions: HostActionRows = {
  hostLinks: {
    target: noTarget,
    perform: ({ uri }, { commands, netns }) => runIp(commands, { on: hostTarget(uri), netns }),
  },
  hostRestore: {
    target: noTarget,
    perform: async ({ uri }, { links }) => runIp(await missingLinks(uri, links), { on: hostTarget(uri) }),
  },
  hostWriteFile: {
    target: noTarget,
    perform: ({ uri }, action) => writeConfigFile(action, { on: hostTarget(uri) }),
  },
  hostSetDns: {
    target: noTarget,
    perform: ({ uri }, { dev, scope }) => writeDnsScope(dev, scope ?? undefined, { on: hostTarget(uri) }),
  },
  hostSetPortVlans: {
    target: noTarget,
    perform: setNicVlans,
    // The VLANs of a NIC that was never attached, or no longer is.
    isMoot: ({ code }) => code === 'NOTFOUND',
  },
  hostLinkVlans: {
    target: noTarget,
    perform: ({ uri }, action) => changeLinkVlans(action, { on: hostTarget(uri) }),
  },
  hostSetNat: {
    target: noTarget,
    perform: ({ uri }, { rules, backend }) => setNat(uri, rules, backend),
  },
  hostSysctl: {
    target: noTarget,
    perform: ({ uri }, { name, value }) => writeSysctl(name, value, { on: hostTarget(uri) }),
  },
  hostSetMaster: {
    target: noTarget,
    perform: localOnly((_connection, { link, master }) => setMaster(link, master)),
  },
  hostEndLease: {
    target: noTarget,
    perform: localOnly((_connection, action) => sendRelease(action)),
  },
  hostEndDnsmasq: {
    target: noTarget,
    perform: localOnly(async (connection, { network, name }) => {
      await requireInactive(connection, network);
      endDnsmasq(name);
    }),
  },
  hostDeleteBridge: {
    target: noTarget,
    perform: localOnly(async (connection, { network, bridge, mac }) => {
      await requireInactive(connection, network);
      await deleteBridge(bridge, mac);
    }),
  },
  hostDeleteRules: {
    target: noTarget,
    perform: localOnly(async (connection, action) => {
      if (action.only === 'all') await requireInactive(connection, action.network);
      await deleteRules(await rulesOf(action));
    }),
  },
};

/** The row of an action that works on this machine only. */
function localOnly<A>(
  perform: (connection: Connection, action: A) => Promise<void>,
): (connection: Connection, action: A) => Promise<void> {
  return async (connection, action) => {
    if (isLocal(connection.uri)) return perform(connection, action);
    throw new KvmnetError('DEPENDENCY', `this has to be done on the host of ${connection.uri}`, {
      hint: 'run the same command there',
    });
  };
}

/** Refuses a network that another program has started since planning. */
async function requireInactive(connection: Connection, network: string): Promise<void> {
  const found = await unlessMissing(connection.call('getNetwork', { network }));
  if (found?.active !== true) return;
  throw new KvmnetError('CONFLICT', `network ${found.name} has been started since: its bridge is in use`, {
    hint: 'check again: kvmnet net heal --dry-run',
  });
}
