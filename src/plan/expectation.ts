/** The kinds of expectations, each with its exact data. */
import type { WantedLinks } from '../records/desired-link.ts';
import type {
  DnsScope,
  FileAttributes,
  FilePlace,
  LeaseOf,
  LinkVlans,
  MetadataPlace,
  NatOf,
  PortVlans,
  RulesOf,
  SysctlValue,
} from './action.ts';

/** The expected result of a step, compared with a fresh reading. */
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
  | {
      readonly expect: 'domain';
      readonly domain: string;
      readonly active?: boolean;
      readonly paused?: boolean;
      readonly defined?: boolean;
      readonly autostart?: boolean;
    }
  | {
      /** The configuration has this many pcie-root-ports. */
      readonly expect: 'rootPorts';
      readonly domain: string;
      readonly count: number;
    }
  | {
      readonly expect: 'nic';
      readonly domain: string;
      readonly mac: string;
      /** Its PCI slot, as slotOf gives it, where another NIC has the same MAC. */
      readonly slot?: string;
      /** Undefined: that scope is not looked at. False: the NIC must be gone. */
      readonly live?: NicExpectation | false;
      readonly config?: NicExpectation | false;
    }
  | {
      /** The definitions mean the same as these. */
      readonly expect: 'definition';
      readonly network: string;
      readonly live?: string;
      readonly config?: string;
    }
  | {
      /** An entry of a section of virNetworkUpdate exists, or does not. */
      readonly expect: 'section';
      readonly network: string;
      readonly section: number;
      readonly parentIndex: number;
      readonly xml: string;
      readonly present: boolean;
      readonly live: boolean;
      readonly config: boolean;
    }
  | {
      /** A running guest's NIC is connected: libvirt has its port, and the kernel has its tap in the bridge. */
      readonly expect: 'plugged';
      readonly domain: string;
      readonly mac: string;
      readonly slot?: string;
      /** The UUID of the network; undefined for a NIC that names the bridge. */
      readonly network: string | undefined;
      /** Undefined where the kernel is out of sight. */
      readonly bridge: string | undefined;
    }
  | {
      /** Nothing is to be done any more to make these links so. */
      readonly expect: 'links';
      readonly links: WantedLinks;
      /** Of this network namespace, where they are not the host's own. */
      readonly netns?: string;
    }
  | { readonly expect: 'netns'; readonly netns: string; readonly present: boolean }
  | { readonly expect: 'dns'; readonly dev: string; readonly scope: DnsScope | null }
  | ({ readonly expect: 'file'; readonly text: string | null } & FilePlace & Partial<FileAttributes>)
  | ({ readonly expect: 'portVlans' } & PortVlans)
  | ({ readonly expect: 'linkVlans' } & LinkVlans)
  | ({ readonly expect: 'nat' } & NatOf)
  | ({ readonly expect: 'sysctl' } & SysctlValue)
  | { readonly expect: 'master'; readonly link: string; readonly master: string }
  | { readonly expect: 'dnsmasq'; readonly name: string; readonly running: boolean }
  | ({ readonly expect: 'no lease'; readonly network: string } & LeaseOf)
  | { readonly expect: 'no bridge'; readonly bridge: string }
  | ({ readonly expect: 'no rules' } & RulesOf)
  | { readonly expect: 'port'; readonly network: string; readonly port: string; readonly present: boolean }
  | ({ readonly expect: 'metadata'; readonly present: boolean } & MetadataPlace)
  | { readonly expect: 'filter'; readonly filter: string; readonly defined: boolean }
  | { readonly expect: 'filter binding'; readonly portDev: string; readonly present: boolean }
  | { readonly expect: 'interface'; readonly name: string; readonly defined?: boolean; readonly active?: boolean }
  /** A result that no reading shows. */
  | { readonly expect: 'nothing' };

/** The expected connection of a NIC: the source's name (network, bridge or NIC), and its link. */
export interface NicExpectation {
  readonly source?: string;
  readonly link?: 'up' | 'down';
  /** Average kilobytes a second that it receives and sends; null means unlimited. */
  readonly rate?: { readonly in: number | null; readonly out: number | null; readonly floor?: number | null };
}
