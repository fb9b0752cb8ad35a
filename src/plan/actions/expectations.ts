/** One row for each kind of expectation: its subjects. Changes without a common subject do not affect each other. */
import type { Expectation } from '../expectation.ts';

type ExpectationOf<E extends Expectation['expect']> = Extract<Expectation, { readonly expect: E }>;

interface ExpectationRow<E extends Expectation> {
  /** UUIDs of networks and domains, `link NAME` for links, the paths of files. */
  subjects(expected: E): readonly (string | undefined)[];
}

const ofNetwork = ({ network }: { readonly network: string }): readonly string[] => [network];
const ofDomain = ({ domain }: { readonly domain: string }): readonly string[] => [domain];
const ofNothing = (): readonly string[] => [];

const expectations: { readonly [E in Expectation['expect']]: ExpectationRow<ExpectationOf<E>> } = {
  network: { subjects: ofNetwork },
  definition: { subjects: ofNetwork },
  section: { subjects: ofNetwork },
  'no lease': { subjects: ofNetwork },
  domain: { subjects: ofDomain },
  rootPorts: { subjects: ofDomain },
  nic: { subjects: ofDomain },
  portVlans: { subjects: ofDomain },
  plugged: { subjects: ({ network, domain }) => [network, domain] },
  links: { subjects: ({ links }) => Object.keys(links).map(linkSubject) },
  linkVlans: { subjects: ({ link }) => [linkSubject(link)] },
  file: { subjects: ({ path }) => [path] },
  netns: { subjects: ofNothing },
  dns: { subjects: ofNothing },
  nat: { subjects: ofNothing },
  sysctl: { subjects: ofNothing },
  master: { subjects: ofNothing },
  dnsmasq: { subjects: ofNothing },
  'no bridge': { subjects: ofNothing },
  'no rules': { subjects: ofNothing },
  port: { subjects: ofNetwork },
  metadata: { subjects: ofNetwork },
  filter: { subjects: ({ filter }) => [filterSubject(filter)] },
  'filter binding': { subjects: ({ portDev }) => [bindingSubject(portDev)] },
  interface: { subjects: ({ name }) => [interfaceSubject(name)] },
  nothing: { subjects: ofNothing },
};

/** The subject of a link. */
export function linkSubject(name: string): string {
  return `link ${name}`;
}

/** The subject of a network filter. */
export function filterSubject(name: string): string {
  return `filter ${name}`;
}

/** The subject of a filter's binding to a tap. */
export function bindingSubject(tap: string): string {
  return `filter binding of ${tap}`;
}

/** The subject of an interface that libvirt configures. */
export function interfaceSubject(name: string): string {
  return `interface ${name}`;
}

/** True for a kind of expectation; an entry of the journal may have anything. */
export function isExpectation(kind: unknown): kind is Expectation['expect'] {
  return typeof kind === 'string' && Object.hasOwn(expectations, kind);
}

/** The UUIDs of the networks and domains, and the links and files, that a step is about. */
export function subjectsOf({ verify }: { readonly verify: Expectation }): string[] {
  const row: ExpectationRow<Expectation> = expectations[verify.expect];
  // An entry of the journal is not checked for all that its expectations have.
  return row.subjects(verify).filter((subject) => typeof subject === 'string');
}
