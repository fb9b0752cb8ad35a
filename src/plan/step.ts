/**
 * A plan is a list of steps, and a step is plain data: what to do, how to undo it, and what must then be true. What
 * `--dry-run` prints is what is done: a step carries its exact XML; apply/ adds nothing.
 */

/** One change, in the words of libvirt's API. Domains and networks are named by UUID: a name could be another's UUID. */
export type Action =
  | { readonly call: 'networkDefine'; readonly xml: string }
  | { readonly call: 'networkCreate'; readonly xml: string }
  | { readonly call: 'networkUndefine'; readonly network: string }
  | { readonly call: 'networkStart'; readonly network: string }
  | { readonly call: 'networkDestroy'; readonly network: string }
  | { readonly call: 'networkSetAutostart'; readonly network: string; readonly autostart: boolean }
  | { readonly call: 'domainDefine'; readonly xml: string }
  | { readonly call: 'domainStart'; readonly domain: string }
  | { readonly call: 'domainShutdown'; readonly domain: string }
  | { readonly call: 'domainDestroy'; readonly domain: string }
  | ({ readonly call: 'domainAttachDevice' } & DeviceChange)
  | ({ readonly call: 'domainUpdateDevice' } & DeviceChange)
  | ({ readonly call: 'domainDetachDevice' } & DeviceChange);

/** A device's XML, and which of the domain's two lives it changes. */
export interface DeviceChange {
  readonly domain: string;
  readonly xml: string;
  readonly live: boolean;
  readonly config: boolean;
}

/** What a fresh reading must show after a step. */
export type Expectation =
  | {
      readonly expect: 'network';
      readonly network: string;
      readonly defined?: boolean;
      readonly active?: boolean;
      readonly autostart?: boolean;
      /** The bridge that must be up with these addresses, in CIDR form. */
      readonly bridge?: { readonly name: string; readonly addresses: readonly string[] };
    }
  | { readonly expect: 'domain'; readonly domain: string; readonly active: boolean }
  | {
      readonly expect: 'nic';
      readonly domain: string;
      readonly mac: string;
      /** Undefined: that life is not looked at. False: the NIC must be gone. */
      readonly live?: NicExpectation | false;
      readonly config?: NicExpectation | false;
    };

/** Where a NIC must be plugged in: the source's name (network, bridge or NIC), and its link. */
export interface NicExpectation {
  readonly source?: string;
  readonly link?: 'up' | 'down';
}

export interface Step {
  /** What it does, for people: `define network keennet`. */
  readonly title: string;
  readonly do: Action;
  /** The way back, in order; empty where there is nothing to undo. */
  readonly undo: readonly Action[];
  readonly verify: Expectation;
  /** Said, in place of a general sentence, when the reading never shows it. */
  readonly unmet?: { readonly message: string; readonly hint: string };
  /** Milliseconds to wait once it is done: what a guest needs to notice. */
  readonly pause?: number;
}

/** What should change, as ordered steps, and what the user must know before. */
export interface Plan {
  /** What was asked, in one line: `create network keennet`. */
  readonly title: string;
  readonly steps: readonly Step[];
  /** Said on stderr before anything is done. */
  readonly warnings: readonly string[];
  /** What would disconnect somebody: asked about unless --yes. */
  readonly consent: readonly string[];
}
