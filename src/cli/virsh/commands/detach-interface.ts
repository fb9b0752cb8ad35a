import type { Scopes } from '../../../state/scopes.ts';
import { nicsOf, type Nic } from '../../../state/nics.ts';
import type { DomainState } from '../../../state/state.ts';
import type { Interface } from '../../../xml/interface.ts';
import { sourceOf } from '../../../xml/tree.ts';
import { common, data, flag, text, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { affectedScopes, changeDomain, checkScopes, findVirshDomain, scopeOptions } from './domain-arguments.ts';
import { nicsThatFit, planVirshDetach } from '../../../plan/virsh/nic.ts';
import { normalMac } from '../../../values/mac.ts';
import { dumpElement } from './dom-xml.ts';

export const detachInterface: VirshDefinition = {
  options: [
    common.domain,
    data('type', 'its type, as domiflist shows it', { completes: ['network', 'bridge', 'direct', 'hostdev'] }),
    text('mac', 'MAC address; needed where there are several of the type', { completes: 'nic' }),
    ...scopeOptions,
    flag('print-xml', 'print the XML, and change nothing'),
  ],
  description: [
    'Unlike virsh it waits until the running guest has let go (30 s, or --timeout), and fails where it does not; with both scopes the',
    'configuration is changed after that. With --persistent a NIC that libvirt shows under two types, as on a network over a host',
    'bridge, is one: it goes out of both scopes, by either type.',
  ].join('\n'),
  examples: [['detach-interface VM1 network --mac 52:54:00:12:34:56 --persistent', 'now, and at the next start']],
  async run(call) {
    checkScopes(call);
    const isPrinted = call.given('print-xml');
    const domain = await findVirshDomain(call, await call.connection(isPrinted ? 'read' : 'change'));
    const mac = call.text('mac');
    if (isPrinted) return print(call, domain);
    const scopes = affectedScopes(call, domain, 'live');
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planVirshDetach(seen, select(call, seen, scopes), scopes, state),
      () => {
        call.extra('Interface detached successfully\n');
        return { domain: domain.name, type: call.required('type'), mac, ...scopes };
      },
    );
  },
};

/** Prints the XML for the configuration, and then for the running domain. As in virsh, the domain need not run. */
function print(call: VirshCall, domain: DomainState): unknown {
  const config = call.given('config') || call.given('persistent');
  const live = call.given('live') || (call.given('persistent') && domain.active) || !config;
  const isOff = !domain.active;
  const nic = select(call, domain, { live: live && !isOff, config: config || isOff });
  const current = isOff ? nic.config : nic.live;
  const shown = [...(config ? [nic.config] : []), ...(live ? [current] : [])].map(dumpNic);
  call.print(shown.join(''));
  return { domain: domain.name, xml: shown };
}

function dumpNic(nic: Interface | undefined): string {
  const element = nic && sourceOf(nic);
  return element ? dumpElement(element) : '';
}

/** virsh's last line of each failure. */
const failure = 'Failed to detach interface';

/** Selects the NIC; throws NOTFOUND or AMBIGUOUS with a list of the domain's NICs. */
function select(call: VirshCall, domain: DomainState, scopes: Scopes): Nic {
  const type = call.required('type');
  const mac = call.text('mac');
  const wanted = normalMac(mac);
  const found = nicsThatFit(
    domain,
    scopes,
    (nic) => nic.type === type && (mac === undefined || (wanted !== undefined && nic.mac?.address === wanted)),
  );
  const [nic, ...others] = found;
  if (nic && others.length === 0) return nic;
  const which = `${type}${mac === undefined ? '' : ` and MAC ${mac}`}`;
  if (nic) {
    const count = String(found.length);
    const line =
      mac === undefined
        ? `Domain has ${count} interfaces. Please specify which one to detach using --mac`
        : `Domain has multiple interfaces matching MAC address ${mac}. You must use detach-device and specify the device pci address to remove it.`;
    throw new VirshError('AMBIGUOUS', `${domain.name} has ${count} NICs of type ${which}`, `${line}\n${failure}`, {
      hint:
        mac === undefined
          ? `say which: --mac ${nic.mac ?? ''}`
          : `kvmnet vm detach ${domain.name} ${String(nic.index)} takes out one by its index`,
    });
  }
  const known = nicsOf(domain).map((each) => `${each.mac ?? 'no MAC'} (${(each.live ?? each.config)?.type ?? ''})`);
  const hasType = nicsOf(domain).some((each) => (each.live ?? each.config)?.type === type);
  const line =
    mac === undefined || !hasType
      ? `No interface found whose type is ${type}`
      : `No interface with MAC address ${mac} was found`;
  throw new VirshError('NOTFOUND', `${domain.name} has no NIC of type ${which}`, `${line}\n${failure}`, {
    hint: known.length === 0 ? 'it has no NICs' : `it has ${known.join(', ')}`,
  });
}
