import { KvmnetError } from '../../../errors.ts';
import { prepare } from '../../../plan/nic/change.ts';
import { chooseScopes } from '../../../state/scopes.ts';
import { parseLinkState } from '../../../plan/nic/options.ts';
import { updateStep } from '../../../plan/steps/nic.ts';
import type { Plan } from '../../../plan/step.ts';
import { nicsOf, type Nic } from '../../../state/nics.ts';
import type { DomainState, State } from '../../../state/state.ts';
import type { Interface } from '../../../xml/interface.ts';
import { isElement, sourceOf, type XmlElement } from '../../../xml/tree.ts';
import { alias, common, data, flag, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { changeDomain, findVirshDomain, nicOption } from './domain-arguments.ts';
import { dumpElement } from './dom-xml.ts';

type Scope = 'live' | 'config';
type Link = 'up' | 'down';

export const domifSetlink: VirshDefinition = {
  options: [
    common.domain,
    nicOption,
    data('state', 'up or down', { completes: ['up', 'down'] }),
    alias('persistent', 'config'),
    common.config('domain'),
    flag('print-xml', 'print the XML, and change nothing'),
  ],
  description:
    'Without --config it changes a running domain until it stops, as virsh does; kvmnet vm link changes both, so that it lasts.',
  examples: [['domif-setlink VM1 vnet0 down', 'cuts the guest off, as if the cable were pulled']],
  async run(call) {
    const isPrinted = call.given('print-xml');
    const connection = await call.connection(isPrinted ? 'read' : 'change');
    const domain = await findVirshDomain(call, connection);
    const wanted = call.required('interface');
    const link = linkOf(call.required('state'));
    const scope: Scope = call.given('config') || !domain.active ? 'config' : 'live';
    if (isPrinted) {
      const { [scope]: nic } = findByVirsh(domain, wanted, scope);
      const element = nic && sourceOf(nic);
      if (element) call.print(dumpElement(withLink(element, link)));
      return { domain: domain.name, interface: wanted, link };
    }
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planVirshLink(seen, findByVirsh(seen, wanted, scope), scope, link, state),
      () => {
        call.extra('Device updated successfully\n');
        return { domain: domain.name, interface: wanted, link };
      },
    );
  },
};

function linkOf(state: string): Link {
  try {
    return parseLinkState(state, 'state');
  } catch (error) {
    if (!(error instanceof KvmnetError)) throw error;
    const { code, message, hint } = error;
    throw new VirshError(code, message, `invalid link state '${state}'`, hint === undefined ? {} : { hint });
  }
}

function planVirshLink(
  domain: DomainState,
  nic: Nic,
  scope: Scope,
  link: Link,
  state: Pick<State, 'connection'>,
): Plan {
  const wanted = chooseScopes(domain, { live: scope === 'live', config: scope === 'config' });
  const prepared = prepare({ domain, nic, wanted }, state);
  const from = prepared[scope];
  const title = `link ${link} on ${prepared.name}${scope === 'config' && domain.active ? ' at the next boot' : ''}`;
  const isSo = from === undefined || from.link?.state === link;
  const step = isSo
    ? []
    : [updateStep(prepared.subject, { title, scope, from, to: { ...from, link: { state: link } } }, { link })];
  return { title, steps: step, warnings: [], consent: [] };
}

/** By MAC or tap without regard to case, the first one. */
function findByVirsh(domain: DomainState, wanted: string, scope: Scope): Nic {
  const key = wanted.toLowerCase();
  const fits = (nic: Interface | undefined): boolean =>
    nic?.mac?.address?.toLowerCase() === key || nic?.target?.dev?.toLowerCase() === key;
  const found = nicsOf(domain).find((nic) => fits(nic[scope]));
  if (found) return found;
  throw new VirshError(
    'NOTFOUND',
    `${domain.name} has no NIC ${JSON.stringify(wanted)}`,
    `interface '${wanted}' not found`,
    {
      hint: `kvmnet vm nics ${domain.name} shows its NICs; in a configuration only MAC addresses name them`,
    },
  );
}

/** Returns the NIC with this link state; a new <link> is the last element, as in virsh. */
function withLink(nic: XmlElement, state: Link): XmlElement {
  const attribute = { name: 'state', value: state };
  const old = nic.children.find((child) => isElement(child) && child.name === 'link');
  if (!old) {
    const made = { kind: 'element', name: 'link', attributes: [attribute], children: [] } as const;
    return { ...nic, children: [...nic.children, made] };
  }
  const children = nic.children.map((child) =>
    child === old && isElement(child)
      ? { ...child, attributes: [...child.attributes.filter(({ name }) => name !== 'state'), attribute] }
      : child,
  );
  return { ...nic, children };
}
