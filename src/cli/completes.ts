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
  | 'template'
  | 'file'
  /** Headings of the command's table. */
  | 'column'
  | readonly string[];
