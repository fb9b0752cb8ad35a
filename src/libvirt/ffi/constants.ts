/** The VIR_* values that we use, under their C names (libvirt 9.0, libvirt-{network,domain,interface}.h). */

export const VIR_NETWORK_XML_INACTIVE = 1;
export const VIR_NETWORK_DEFINE_VALIDATE = 1;
export const VIR_NETWORK_CREATE_VALIDATE = 1;
export const VIR_NETWORK_PORT_CREATE_VALIDATE = 2;

export const VIR_CONNECT_LIST_NETWORKS_ACTIVE = 2;
export const VIR_CONNECT_LIST_NETWORKS_PERSISTENT = 4;
export const VIR_CONNECT_LIST_NETWORKS_AUTOSTART = 16;

export const VIR_IP_ADDR_TYPE_IPV4 = 0;

export const VIR_DOMAIN_XML_SECURE = 1;
export const VIR_DOMAIN_XML_INACTIVE = 2;

export const VIR_CONNECT_LIST_DOMAINS_TRANSIENT = 8;
export const VIR_CONNECT_LIST_DOMAINS_PAUSED = 32;
export const VIR_CONNECT_LIST_DOMAINS_OTHER = 128;
export const VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE = 256;
export const VIR_CONNECT_LIST_DOMAINS_AUTOSTART = 1024;
export const VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT = 4096;

export const VIR_DOMAIN_AFFECT_LIVE = 1;
export const VIR_DOMAIN_AFFECT_CONFIG = 2;

/** virDomainState, by number. */
export const domainStates = [
  'no state',
  'running',
  'idle',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'pmsuspended',
] as const;

/** virDomainInterfaceAddressesSource, by name. */
export const addressSources = { lease: 0, agent: 1, arp: 2 } as const;

export const VIR_DOMAIN_EVENT_ID_LIFECYCLE = 0;
export const VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED = 15;
export const VIR_DOMAIN_EVENT_ID_DEVICE_ADDED = 19;
export const VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED = 22;
export const VIR_NETWORK_EVENT_ID_LIFECYCLE = 0;

/** virDomainEventType and virNetworkEventLifecycleType, by number. */
export const domainEvents = [
  'defined',
  'undefined',
  'started',
  'suspended',
  'resumed',
  'stopped',
  'shutdown',
  'pmsuspended',
  'crashed',
] as const;
export const networkEvents = ['defined', 'undefined', 'started', 'stopped'] as const;

/** virDomainEvent…DetailType, by event and number: why it happened. The usual reason is undefined. */
export const domainEventDetails: Readonly<Record<string, readonly (string | undefined)[]>> = {
  defined: [undefined, 'updated', 'renamed', 'from a snapshot'],
  undefined: [undefined, 'renamed'],
  started: [undefined, 'migrated', 'restored', 'from a snapshot', 'woken up', 'recovered'],
  suspended: [undefined, 'migrated', 'input/output error', 'watchdog', 'restored', 'from a snapshot', 'API error'],
  resumed: [undefined, 'migrated', 'from a snapshot'],
  stopped: ['shut down', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from a snapshot', 'recovered'],
  shutdown: [undefined, 'by the guest', 'by the host'],
  crashed: ['panicked', 'crash loaded'],
};

/** virConnectCloseReason, by number. */
export const closeReasons = [
  'an error',
  'the daemon closed it',
  'the daemon does not answer',
  'it was closed here',
] as const;
