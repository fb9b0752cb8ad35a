/** attach-device, detach-device and update-device as plans: a NIC is read back and can be undone, another device is left to libvirt. */
import { KvmnetError } from '../../errors.ts';
import { requirePlugIn } from '../steps/hotplug.ts';
import { chooseFreeMac } from '../nic/free-mac.ts';
import { prepare } from '../nic/change.ts';
import type { Scopes } from '../../state/scopes.ts';
import type { Action, Plan, Step } from '../step.ts';
import { macHolder } from '../../state/mac-holder.ts';
import type { DomainState, Seen, State } from '../../state/state.ts';
import { buildInterface } from '../../xml/build.ts';
import { parseInterface } from '../../xml/interface.ts';
import { parseXml } from '../../xml/parser.ts';
import { isElement } from '../../xml/tree.ts';
import { quoted } from '../../values/quoted.ts';
import { normalMac } from '../../values/mac.ts';
import { isMeantBy, nicsThatFit, planVirshDetach } from './nic.ts';

/** A device's document: the name of its element, and the text. */
export interface DeviceDocument {
  readonly kind: string;
  readonly xml: string;
}

/** Throws INPUT for what is not well-formed XML. */
export function readDevice(xml: string): DeviceDocument {
  const kind = /<([A-Za-z_][\w.-]*)/.exec(xml.replace(/<!--.*?-->/gs, ''))?.[1] ?? 'interface';
  parseXml(xml, kind);
  return { kind, xml };
}

/**
 * Attaches a device. A NIC without a MAC address gets one here, so that it is the same in both scopes and can be found again; one that is in
 * use is accepted with a warning, as by libvirt.
 * @param macs random addresses to choose from: the first unused one
 */
export function planAttachDevice(
  domain: DomainState,
  { kind, xml, macs }: DeviceDocument & { readonly macs: readonly string[] },
  scopes: Scopes,
  state: Seen<'domains'>,
): Plan {
  const title = `attach a device <${kind}> to ${domain.name}`;
  if (kind !== 'interface')
    return otherDevice({ call: 'domainAttachDevice', domain: domain.uuid, xml, ...scopes }, title, domain);
  const nic = parseInterface(xml);
  if (scopes.live && state.connection.hypervisor === 'QEMU') requirePlugIn(domain, nic);
  const given = nic.mac?.address;
  const mac = normalMac(given) ?? given ?? chooseFreeMac(macs, state);
  const holder = given === undefined ? undefined : macHolder(mac, state);
  const change = { domain: domain.uuid, xml: given === undefined ? withMac(xml, mac) : xml, ...scopes };
  const step: Step = {
    title: `attach NIC ${mac} to ${domain.name}`,
    do: { call: 'domainAttachDevice', ...change },
    undo: [{ call: 'domainDetachDevice', ...change }],
    verify: expectNic(domain, mac, scopes),
  };
  const warnings = holder === undefined ? [] : [`${mac} is the MAC address of ${holder} too`];
  return { title: step.title, steps: [step], warnings, consent: [] };
}

/** Detaches a device. */
export function planDetachDevice(
  domain: DomainState,
  { kind, xml }: DeviceDocument,
  scopes: Scopes,
  state: Pick<State, 'connection'>,
): Plan {
  const raw = { call: 'domainDetachDevice', domain: domain.uuid, xml, ...scopes } as const;
  const title = `detach a device <${kind}> from ${domain.name}`;
  if (kind !== 'interface') return otherDevice(raw, title, domain);
  const [nic, ...others] = nicsThatFit(domain, scopes, isMeantBy(parseInterface(xml)));
  if (nic && others.length === 0) return planVirshDetach(domain, nic, scopes, state);
  throw new KvmnetError(
    nic ? 'AMBIGUOUS' : 'NOTFOUND',
    `the document matches ${nic ? 'several NICs' : 'no NIC'} of ${domain.name}`,
    {
      hint: `kvmnet vm nics ${quoted(domain.name)} shows its NICs; a MAC and a PCI address name one`,
    },
  );
}

/** Gives a device another definition, in one call for both scopes: libvirt changes both or neither. */
export function planUpdateDevice(
  domain: DomainState,
  { kind, xml }: DeviceDocument,
  scopes: Scopes,
  state: Pick<State, 'connection'>,
): Plan {
  const action = { call: 'domainUpdateDevice', domain: domain.uuid, xml, ...scopes } as const;
  const title = `change a device <${kind}> of ${domain.name}`;
  if (kind !== 'interface') return otherDevice(action, title, domain);
  const [nic, ...others] = nicsThatFit(domain, scopes, isMeantBy(parseInterface(xml)));
  // libvirt reports its fault.
  if (nic?.mac === undefined || others.length > 0) return otherDevice(action, title, domain);
  const { live, config, name, subject } = prepare({ domain, nic, wanted: scopes }, state);
  const back = (scope: 'live' | 'config', from: typeof live): Action[] =>
    scopes[scope] && from
      ? [{ ...action, xml: buildInterface(from), live: scope === 'live', config: scope === 'config' }]
      : [];
  const step: Step = {
    title: `change ${name}`,
    do: action,
    undo: [...back('live', live), ...back('config', config)],
    verify: expectNic(domain, subject.mac, scopes),
  };
  return { title: step.title, steps: [step], warnings: [], consent: [] };
}

/** How many devices of a kind a domain's XML has. */
export function countDevices(xml: string, kind: string): number {
  const { root } = parseXml(xml, 'domain');
  const devices = root.children.find((child) => isElement(child) && child.name === 'devices');
  if (!devices || !isElement(devices)) return 0;
  return devices.children.filter((child) => isElement(child) && child.name === kind).length;
}

function expectNic({ uuid }: DomainState, mac: string, { live, config }: Scopes): Step['verify'] {
  return { expect: 'nic', domain: uuid, mac, ...(live ? { live: {} } : {}), ...(config ? { config: {} } : {}) };
}

/** kvmnet knows only networks and NICs: the journal does not have the previous definition. */
function otherDevice(action: Action, title: string, { uuid, active }: DomainState): Plan {
  const verify = { expect: 'domain', domain: uuid, active } as const;
  return { title, steps: [{ title, do: action, undo: [], verify }], warnings: [], consent: [] };
}

function withMac(xml: string, mac: string): string {
  const { root, text } = parseXml(xml, 'interface');
  const element = `<mac address='${mac}'/>`;
  const start = text.indexOf('<interface', root.offset ?? 0);
  if (root.children.length === 0) {
    const { attributes } = root;
    const type = attributes.map(({ name, value }) => ` ${name}='${value}'`).join('');
    return `<interface${type}>${element}</interface>`;
  }
  const end = text.indexOf(root.inner ?? '', start);
  return `${text.slice(0, end)}${element}${text.slice(end)}`;
}
