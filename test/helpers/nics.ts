/** The NICs of a domain as libvirt's XML has them, to look at without kvmnet. */
import { kvmnet, virsh, type RunOptions } from './host.ts';

/** Facts about a NIC that tests use; undefined if its XML does not have them. */
export interface SeenNic {
  readonly type: string;
  readonly mac: string;
  /** The attributes of its `<source>`, as they stand there. */
  readonly source: string;
  readonly tap: string | undefined;
  readonly model: string | undefined;
  readonly alias: string | undefined;
  readonly link: string | undefined;
  /** Its PCI address, as it stands there. */
  readonly slot: string | undefined;
  readonly xml: string;
}

/** A NIC in a libvirt network, as XML. */
export const nicIn = (network: string, mac: string): string =>
  `<interface type='network'><mac address='${mac}'/><source network='${network}'/><model type='virtio'/></interface>`;

/** The channel of a guest agent, as XML. */
export const agentChannel = `<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>`;

/** The live NICs of a running domain, or with `--inactive` the NICs of its configuration. */
export async function nicsOf(domain: string, ...flags: readonly '--inactive'[]): Promise<SeenNic[]> {
  const xml = await virsh('dumpxml', domain, ...flags);
  return [...xml.matchAll(/<interface type='(\w+)'>.*?<\/interface>/gs)].map(([text, type = '']) => {
    const find = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
    return {
      type,
      mac: find(/<mac address='(.*?)'/) ?? '',
      source: find(/<source (.*?)\/>/) ?? '',
      tap: find(/<target dev='(.*?)'/),
      model: find(/<model type='(.*?)'/),
      alias: find(/<alias name='(.*?)'/),
      link: find(/<link state='(.*?)'/),
      slot: find(/<address type='pci' (.*?)\/>/),
      xml: text,
    };
  });
}

/** Runs kvmnet with --json, which has to succeed without output on stderr, and returns its output. */
export async function kvmnetJson(args: readonly string[], options?: RunOptions) {
  const { stdout, stderr, status } = await kvmnet([...args, '--json'], options);
  if (status !== 0 || stderr !== '') {
    throw new Error(`kvmnet ${args.join(' ')} ended with status ${status}: ${stderr}${stdout}`);
  }
  return JSON.parse(stdout);
}
