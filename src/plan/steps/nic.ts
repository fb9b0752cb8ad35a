/** The steps that attach, change and detach a NIC, as the driver requires. */
import { slotOf } from '../../state/nics.ts';
import type { DomainState } from '../../state/state.ts';
import { buildDomain, buildInterface } from '../../xml/build.ts';
import type { Interface, InterfaceInput } from '../../xml/interface.ts';
import { requirePlugIn, requirePlugOut } from './hotplug.ts';
import { lacksHotplug, type Scopes } from '../../state/scopes.ts';
import type { Expectation, NicExpectation, Step } from '../step.ts';
import { quoted } from '../../values/quoted.ts';

/** How long the link is down when a NIC moves: guests ask for a new lease when they see it come back, and poll at most each second. */
export const linkDownMs = 1_500;

/** The subject of the steps. */
export interface NicSubject {
  readonly domain: DomainState;
  readonly hypervisor: string;
  readonly mac: string;
  /** Another NIC of the domain has this MAC: their PCI slots distinguish them. */
  readonly hasTwin?: boolean;
}

/**
 * Attaches a NIC to one or both scopes, in one call: libvirt does both or none.
 * @throws CONFLICT if the running guest cannot accept it
 */
export function attachStep(subject: NicSubject, nic: InterfaceInput, scopes: Scopes, source: string): Step {
  if (scopes.live && subject.hypervisor === 'QEMU') requirePlugIn(subject.domain, nic);
  const title = `attach NIC ${subject.mac} of ${subject.domain.name} to ${source}`;
  const verify = expectNic(subject, scopes, { source });
  const replaced = redefineStep(subject, title, verify, (nics) => [...nics, nic]);
  if (replaced) return replaced;
  const change = { domain: subject.domain.uuid, xml: buildInterface(nic), ...scopes };
  return {
    title,
    do: { call: 'domainAttachDevice', ...change },
    undo: [{ call: 'domainDetachDevice', ...change }],
    verify,
  };
}

/**
 * Detaches a NIC from one scope; from the live one, the guest has to release it.
 * @throws CONFLICT where the running guest cannot release it
 */
export function detachStep(subject: NicSubject, nic: Interface, scope: 'live' | 'config'): Step {
  const { domain, mac, hypervisor } = subject;
  if (scope === 'live' && hypervisor === 'QEMU') requirePlugOut(domain, nic);
  const title = `detach NIC ${mac} from ${scope === 'live' ? domain.name : `the configuration of ${domain.name}`}`;
  const scopes = only(scope);
  const verify = expectNic(subject, scopes, false, nic);
  const replaced = redefineStep(subject, title, verify, (nics) => nics.filter((other) => other !== nic));
  if (replaced) return replaced;
  const change = { domain: domain.uuid, xml: buildInterface(nic), ...scopes };
  const step: Step = {
    title,
    do: { call: 'domainDetachDevice', ...change },
    undo: [{ call: 'domainAttachDevice', ...change }],
    verify,
  };
  return scope === 'config' ? step : { ...step, unmet: notReleased(domain.name, mac) };
}

function notReleased(domain: string, mac: string): NonNullable<Step['unmet']> {
  return {
    message: `NIC ${mac} of ${domain}: the guest has not released it, and it is still attached`,
    hint:
      `kvmnet vm link ${quoted(domain)} ${quoted(mac)} down cuts it off now; kvmnet vm detach ${quoted(domain)} ${quoted(mac)} --config removes it at the next boot; ` +
      'a guest that has no system running, or none that knows hot-plug, never lets go',
  };
}

/** Gives a NIC in one scope another definition, the rest of which is as it was. */
export function updateStep(
  subject: NicSubject,
  change: {
    readonly title: string;
    readonly scope: 'live' | 'config';
    readonly from: InterfaceInput;
    readonly to: InterfaceInput;
  },
  expected: NicExpectation,
): Step {
  const { domain } = subject;
  const { from, to } = change;
  const scopes = only(change.scope);
  const verify = expectNic(subject, scopes, expected, from);
  const replaced = redefineStep(subject, change.title, verify, (nics) => nics.map((nic) => (nic === from ? to : nic)));
  if (replaced) return replaced;
  const update = (xml: string) => ({ call: 'domainUpdateDevice', domain: domain.uuid, xml, ...scopes }) as const;
  return {
    title: change.title,
    do: update(buildInterface(to)),
    undo: [update(buildInterface(from))],
    verify,
  };
}

/** The same for a driver that only knows whole definitions; undefined for the others. */
function redefineStep(
  { domain, hypervisor }: NicSubject,
  title: string,
  verify: Expectation,
  edit: (nics: readonly InterfaceInput[]) => readonly InterfaceInput[],
): Step | undefined {
  if (!lacksHotplug(hypervisor) || !domain.inactive || domain.inactiveXml === undefined) return undefined;
  const xml = buildDomain({ ...domain.inactive, interfaces: [...edit(domain.inactive.interfaces)] });
  return {
    title,
    do: { call: 'domainDefine', xml },
    undo: [{ call: 'domainDefine', xml: domain.inactiveXml }],
    verify,
  };
}

function only(scope: 'live' | 'config'): Scopes {
  return { live: scope === 'live', config: scope === 'config' };
}

function expectNic(
  { domain, mac, hasTwin }: NicSubject,
  scopes: Scopes,
  expected: NicExpectation | false,
  nic?: InterfaceInput,
): Expectation {
  const slot = hasTwin === true && nic ? slotOf(nic) : undefined;
  return {
    expect: 'nic',
    domain: domain.uuid,
    mac,
    ...(slot === undefined ? {} : { slot }),
    ...(scopes.live ? { live: expected } : {}),
    ...(scopes.config ? { config: expected } : {}),
  };
}
