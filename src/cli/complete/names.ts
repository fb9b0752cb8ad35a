/** Names for completion: of libvirt's objects, of the host's links, of templates and files. */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { Connection } from '../../libvirt/connection.ts';
import { naturalOrder } from '../../values/natural.ts';
import type { Candidate, Names } from './candidate.ts';

/** Names as a connection and this host give them; `connect` is called once, when a name of libvirt's is first asked for. */
export function namesThrough(uri: string, connect: () => Promise<Connection>): Names {
  let opened: Promise<Connection> | undefined;
  const connection = (): Promise<Connection> => (opened ??= connect());
  return {
    networks: async () => {
      const networks = await (await connection()).call('listNetworks', { leases: false });
      return networks.map(({ name, active }) => ({
        word: name,
        description: active ? 'network' : 'network, inactive',
      }));
    },
    domains: async () => {
      const domains = await (await connection()).call('listDomainStates');
      return domains.map(({ name, state }) => ({ word: name, description: state }));
    },
    nics: async (domain) => nicNames(await connection(), domain),
    bridges: async () => (await localLinks(uri)).filter(({ kind }) => kind === 'bridge').map(linkCandidate),
    links: async () =>
      (await localLinks(uri)).filter(({ type, kind }) => type !== 'loopback' && kind !== 'tun').map(linkCandidate),
    namespaces: async () => {
      const named = (await localLinks(uri, { namespaces: true })).flatMap(({ netns }) => netns ?? []);
      return [...new Set(named)].map((word) => ({ word, description: 'network namespace' }));
    },
    ports: async () =>
      (await ownLinks(uri))
        .filter(({ kind, wireless }) => kind !== 'bridge' && kind !== 'openvswitch' && kind !== 'macvtap' && !wireless)
        .map(linkCandidate),
    trunks: async () => (await ownLinks(uri)).map(linkCandidate),
    changes: async () => {
      const { history } = await import('../../apply/journal/journal.ts');
      return history(uri).map(({ title, outcome }, index) => ({
        word: String(index + 1),
        description: outcome === 'done' ? title : `${title} (${outcome})`,
      }));
    },
    forwards: async () => {
      const [{ keptNat }, { forwardText, targetText }] = await natTexts();
      return keptNat(uri).forwards.map((each) => ({ word: forwardText(each), description: targetText(each) }));
    },
    sources: async () => {
      const [{ keptNat }, { sourceText }] = await natTexts();
      return keptNat(uri).sources.map((each) => ({ word: each.subnet, description: sourceText(each) }));
    },
    templates: async () => {
      const { templateNames } = await import('../../observe/templates.ts');
      return templateNames().map((word) => ({ word, description: 'template' }));
    },
    files: fileNames,
  };
}

/** The indexes first: they are the shortest, and the others explain them. */
async function nicNames(connection: Connection, domain: string): Promise<readonly Candidate[]> {
  const [{ domainState }, { definitionOf, nicsOf, sourceOf }] = await Promise.all([
    import('../../observe/observe.ts'),
    import('../../state/nics.ts'),
  ]);
  const nics = nicsOf(domainState(await connection.call('getDomain', { domain })));
  const named = nics.map((nic) => {
    const tap = nic.live?.target?.dev;
    const about = [tap, nic.mac, sourceOf(definitionOf(nic))].filter((text) => text !== undefined).join(', ');
    const network = definitionOf(nic)?.source?.network;
    const net = network === undefined ? undefined : `net=${network}`;
    return { index: String(nic.index), tap, mac: nic.mac, net, about };
  });
  const words = (['index', 'tap', 'mac', 'net'] as const).map((key) => named.map((each) => each[key]));
  return words.flatMap((column) =>
    column.flatMap((word, row) => (word === undefined ? [] : [{ word, description: named[row]?.about }])),
  );
}

function natTexts() {
  return Promise.all([import('../../observe/nat.ts'), import('../../values/nat-text.ts')]);
}

async function localLinks(uri: string, options: { readonly namespaces?: boolean } = {}) {
  const [{ isLocal }, { observeHost }] = await Promise.all([
    import('../../observe/uri.ts'),
    import('../../observe/host.ts'),
  ]);
  return isLocal(uri) ? (await observeHost({ routes: false, ...options })).links : [];
}

/** Ethernet links that are neither ports nor another program's. */
async function ownLinks(uri: string) {
  const { managerOf } = await import('../../state/owners.ts');
  return (await localLinks(uri)).filter(
    ({ name, type, kind, master }) =>
      type === 'ether' && kind !== 'tun' && master === undefined && managerOf(name) === undefined,
  );
}

function linkCandidate({
  name,
  kind,
  up,
}: {
  readonly name: string;
  readonly kind: string | undefined;
  readonly up: boolean;
}) {
  return { word: name, description: [kind ?? 'NIC', ...(up ? [] : ['down'])].join(', ') };
}

/** Returns files and directories that complete a path; a directory ends with a slash. Hidden ones only after a typed dot. */
async function fileNames(prefix: string): Promise<readonly Candidate[]> {
  const head = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const folder = dirname(`${head.startsWith('~/') ? homedir() + head.slice(1) : head}.`);
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter(({ name }) => name.startsWith('.') === prefix.slice(head.length).startsWith('.'))
    .map((entry) => ({ word: `${head}${entry.name}${entry.isDirectory() ? '/' : ''}` }))
    .sort((left, right) => naturalOrder(left.word, right.word));
}
