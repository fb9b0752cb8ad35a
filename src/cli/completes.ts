/** The kind of an argument or an option's value, for completion. */
export type Completes =
  | 'network'
  | 'domain'
  | 'source'
  | 'nic'
  | 'bridge'
  | 'link'
  | 'port'
  | 'trunk'
  | 'change'
  | 'forward'
  | 'snat'
  /** An end of a path: a VM, VM:NIC, a network namespace, `host` or `outside`. */
  | 'end'
  /** Networks, VMs and links of the host. */
  | 'object'
  | 'template'
  | 'file'
  /** Headings of the command's table. */
  | 'column'
  | readonly string[];
