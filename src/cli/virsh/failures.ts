import type { ErrorCode } from '../../errors.ts';

/**
 * The line that virsh prints first when libvirt refuses a command. Words in braces are options. Source: the
 * messages of virsh 9.0.
 */
const failures: Readonly<Record<string, string>> = {
  'net-autostart': 'failed to mark network {network} as autostarted',
  'net-autostart --disable': 'failed to unmark network {network} as autostarted',
  'net-create': 'Failed to create network from {file}',
  'net-define': 'Failed to define network from {file}',
  'net-destroy': 'Failed to destroy network {network}',
  'net-dhcp-leases': 'Failed to get leases info for {network}',
  'net-port-create': 'Failed to create network from {file}',
  'net-port-delete': 'Failed to delete network port {port}',
  'net-start': 'Failed to start network {network}',
  'net-undefine': 'Failed to undefine network {network}',
  'net-update': 'Failed to update network {network}',
  'iface-begin': 'Failed to begin network config change transaction',
  'iface-commit': 'Failed to commit network config change transaction',
  'iface-define': 'Failed to define interface from {file}',
  'iface-destroy': 'Failed to destroy interface {interface}',
  'iface-list': 'Failed to list interfaces',
  'iface-rollback': 'Failed to rollback network config change transaction',
  'iface-start': 'Failed to start interface {interface}',
  'iface-undefine': 'Failed to undefine interface {interface}',
  'nwfilter-binding-create': 'Failed to create network filter from {file}',
  'nwfilter-binding-delete': 'Failed to delete network filter binding on {binding}',
  'nwfilter-binding-list': 'Failed to list network filter bindings',
  'nwfilter-define': 'Failed to define network filter from {file}',
  'nwfilter-list': 'Failed to list network filters',
  'nwfilter-undefine': 'Failed to undefine network filter {nwfilter}',
  'attach-device': 'Failed to attach device from {file}',
  'attach-interface': 'Failed to attach interface',
  'detach-device': 'Failed to detach device from {file}',
  'detach-device-alias': 'Failed to detach device with alias {alias}',
  'detach-interface': 'Failed to detach interface',
  'domif-setlink': 'Failed to update interface link state',
  domifaddr: 'Failed to query for interfaces addresses',
  domifstat: 'Failed to get interface stats {domain} {interface}',
  domiftune: 'Unable to get interface parameters',
  'domiftune --inbound': 'Unable to set interface parameters',
  'domiftune --outbound': 'Unable to set interface parameters',
  'update-device': 'Failed to update device from {file}',
  autostart: "Failed to mark domain '{domain}' as autostarted",
  'autostart --disable': "Failed to unmark domain '{domain}' as autostarted",
  define: 'Failed to define domain from {file}',
  destroy: "Failed to destroy domain '{domain}'",
  hostname: 'failed to get hostname',
  list: 'Failed to list domains',
  nodeinfo: 'failed to get node information',
  reboot: "Failed to reboot domain '{domain}'",
  resume: "Failed to resume domain '{domain}'",
  shutdown: "Failed to shutdown domain '{domain}'",
  start: "Failed to start domain '{domain}'",
  suspend: "Failed to suspend domain '{domain}'",
  undefine: "Failed to undefine domain '{domain}'",
  uri: 'failed to get URI',
};

/** The line for a command with these options; undefined where virsh prints libvirt's sentence alone. */
export function failureOf(name: string, values: ReadonlyMap<string, readonly string[]>): string | undefined {
  const other = [...values.keys()].map((option) => failures[`${name} --${option}`]).find((line) => line !== undefined);
  return filled(other ?? failures[name], values);
}

/** The C functions that a read-only connection forbids. */
const functions: Readonly<Record<string, string>> = {
  'net-autostart': 'virNetworkSetAutostart',
  'net-create': 'virNetworkCreateXML',
  'net-define': 'virNetworkDefineXML',
  'net-destroy': 'virNetworkDestroy',
  'net-start': 'virNetworkCreate',
  'net-undefine': 'virNetworkUndefine',
  'net-update': 'virNetworkUpdate',
};

/** The C functions that a driver may lack. */
const unsupported: Readonly<Record<string, string>> = {
  'domif-setlink': 'virDomainUpdateDeviceFlags',
  'update-device': 'virDomainUpdateDeviceFlags',
  'detach-device': 'virDomainDetachDeviceFlags',
  'detach-interface': 'virDomainDetachDeviceFlags',
};

/** libvirt's sentence for a URI that kvmnet refuses first; undefined where that is not known. Source: libvirt.c */
export function uriRefusal(uri: string | undefined): string | undefined {
  if (uri === undefined || /^[a-z+]*:/i.test(uri)) return undefined;
  return `no connection driver available for URI '${uri}' does not include a driver name`;
}

/** Returns libvirt's message for a command that kvmnet refuses with this code; undefined if it is not known. */
export function refusalOf(code: ErrorCode, name: string): string | undefined {
  const missing = code === 'DEPENDENCY' ? unsupported[name] : undefined;
  if (missing !== undefined) return `this function is not supported by the connection driver: ${missing}`;
  const forbidden = functions[name];
  return code === 'PERMISSION' && forbidden !== undefined
    ? `operation forbidden: read only access prevents ${forbidden}`
    : undefined;
}

function filled(line: string | undefined, values: ReadonlyMap<string, readonly string[]>): string | undefined {
  return line?.replaceAll(/\{([\w-]+)\}/g, (_, option: string) => values.get(option)?.[0] ?? '');
}
