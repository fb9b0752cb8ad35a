import { KvmnetError } from '../../../errors.ts';
import { prepare } from '../../../plan/nic/change.ts';
import { lacksHotplug, type Scopes } from '../../../state/scopes.ts';
import { updateStep } from '../../../plan/steps/nic.ts';
import type { Action, Plan, Step } from '../../../plan/step.ts';
import { nicsOf, type Nic } from '../../../state/nics.ts';
import type { DomainState, State } from '../../../state/state.ts';
import type { Interface, InterfaceInput } from '../../../xml/interface.ts';
import { common, text, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { affectedScopes, changeDomain, checkScopes, findVirshDomain, nicOption } from './domain-arguments.ts';
import { normalMac } from '../../../values/mac.ts';
import { checkRate, parseVirshRate, type VirshRate } from './dom-rate.ts';

type Side = 'inbound' | 'outbound';
type Rates = Readonly<Partial<Record<Side, VirshRate>>>;

const maximum = 0xffff_ffffn;

export const domiftune: VirshDefinition = {
  options: [
    common.domain,
    nicOption,
    text('inbound', 'what the guest receives: average,peak,burst,floor'),
    text('outbound', 'what the guest sends: average,peak,burst'),
    common.config('domain'),
    common.live('domain'),
    common.current('domain'),
  ],
  description:
    'In kilobytes a second, and kilobytes for the burst; an average of 0 takes the limit away. kvmnet vm rate takes 100mbit, and changes both scopes.',
  examples: [
    ['domiftune VM1 vnet0', 'the limits of a NIC'],
    ['domiftune VM1 52:54:00:12:34:56 --inbound 1000 --live --config', 'the guest receives 1 MB a second at most'],
  ],
  async run(call) {
    checkScopes(call, false);
    const rates = ratesOf(call);
    const isChange = Object.keys(rates).length > 0;
    const connection = await call.connection(isChange ? 'change' : 'read');
    const domain = await findVirshDomain(call, connection);
    const device = call.required('interface');
    const scopes = affectedScopes(call, domain, 'current', false);
    if (!isChange) return show(call, domain, device, scopes);
    if (scopes.live && lacksHotplug((await connection.call('describe')).hypervisor) && !call.context.options.dryRun) {
      // The test driver takes it and does nothing; it changes no NIC of a running domain.
      const none = { average: 0n, peak: 0n, burst: 0n, floor: 0n };
      const rate = ({ average, peak, burst, floor }: typeof none) => ({
        ...{ average: Number(average), peak: Number(peak), burst: Number(burst), floor: Number(floor) },
      });
      const { floor: _, ...outbound } = rate({ ...none, ...rates.outbound });
      const inbound = rate({ ...none, ...rates.inbound });
      await connection.call('domainSetInterfaceRates', { domain: domain.uuid, device, inbound, outbound });
      return { domain: domain.name, interface: device };
    }
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planTune(seen, device, scopes, rates, state),
      () => ({ domain: domain.name, interface: device }),
    );
  },
};

function ratesOf(call: VirshCall): Rates {
  const read = (side: Side): Rates => {
    const given = call.text(side);
    if (given === undefined) return {};
    const rate = parseVirshRate(given, `--${side}`);
    if ([rate.average, rate.peak, rate.burst].some((value) => value > maximum)) {
      throw new KvmnetError('INPUT', `--${side} ${given} is more than ${String(maximum)}`, {
        hint: 'it is in kilobytes',
      });
    }
    checkRate(rate, `--${side}`, false);
    return { [side]: rate };
  };
  return { ...read('inbound'), ...read('outbound') };
}

function show(call: VirshCall, domain: DomainState, device: string, { live, config }: Scopes): unknown {
  if (live && config) {
    throw new KvmnetError('USAGE', '--live and --config do not go together without a limit to set', {
      hint: 'use one of them',
    });
  }
  const { bandwidth } = definitionIn(findByLibvirt(domain, device, live), live) ?? {};
  const told = [
    ...(['average', 'peak', 'burst', 'floor'] as const).map(
      (field) => [`inbound.${field}`, Number(bandwidth?.inbound?.[field] ?? 0)] as const,
    ),
    ...(['average', 'peak', 'burst'] as const).map(
      (field) => [`outbound.${field}`, Number(bandwidth?.outbound?.[field] ?? 0)] as const,
    ),
  ];
  told.forEach(([field, value]) => {
    call.print(`${field.padEnd(15)}: ${String(value)}\n`);
  });
  return { domain: domain.name, interface: device, ...Object.fromEntries(told) };
}

function planTune(
  domain: DomainState,
  device: string,
  scopes: Scopes,
  rates: Rates,
  state: Pick<State, 'connection'>,
): Plan {
  const plan = (scope: 'live' | 'config'): readonly Step[] => {
    const nic = findByLibvirt(domain, device, scope === 'live');
    const wanted = { live: scope === 'live', config: scope === 'config' };
    const { subject, name, [scope]: from } = prepare({ domain, nic, wanted }, state);
    if (!from) return [];
    const to = limited(from, rates);
    if (JSON.stringify(from.bandwidth) === JSON.stringify(to.bandwidth)) return [];
    const title = `limit ${name}${scope === 'config' && domain.active ? ' at the next boot' : ''}`;
    const step = updateStep(subject, { title, scope, from, to }, { rate: averages(to) });
    return [scope === 'config' ? step : withRates(step, from, to, domain)];
  };
  const steps = [...(scopes.live ? plan('live') : []), ...(scopes.config ? plan('config') : [])];
  return { title: `limit NIC ${device} of ${domain.name}`, steps, warnings: [], consent: [] };
}

/** libvirt keeps a direction that is not given, and replaces or removes one that is. */
function limited(from: Interface, rates: Rates): InterfaceInput {
  const side = (key: Side) => {
    const rate = rates[key];
    if (!rate) return from.bandwidth?.[key];
    if (rate.average === 0n && rate.floor === 0n) return undefined;
    const given = Object.entries(rate).filter(([, value]: [string, bigint]) => value > 0n);
    return Object.fromEntries(given.map(([name, value]: [string, bigint]) => [name, Number(value)]));
  };
  const [inbound, outbound] = [side('inbound'), side('outbound')];
  return { ...from, bandwidth: inbound || outbound ? { ...from.bandwidth, inbound, outbound } : undefined };
}

function averages({ bandwidth }: InterfaceInput) {
  return {
    in: Number(bandwidth?.inbound?.average ?? 0) || null,
    out: Number(bandwidth?.outbound?.average ?? 0) || null,
    floor: Number(bandwidth?.inbound?.floor ?? 0) || null,
  };
}

/**
 * Uses virsh's call for a running domain's limits, the only one that knows a floor. A change that `tc`
 * refuses halfway leaves limits that libvirt does not know: the undo writes the old ones by the same call.
 */
function withRates(step: Step, from: Interface, to: InterfaceInput, { uuid }: DomainState): Step {
  const device = from.target?.dev ?? from.mac?.address ?? '';
  const set = (nic: InterfaceInput): Action => ({
    ...{ call: 'domainSetInterfaceRates', domain: uuid, device },
    inbound: { ...rateOf(nic, 'inbound'), floor: Number(nic.bandwidth?.inbound?.floor ?? 0) },
    outbound: rateOf(nic, 'outbound'),
  });
  return { ...step, do: set(to), undo: [set(from)] };
}

function rateOf({ bandwidth }: InterfaceInput, side: Side) {
  const { average = 0, peak = 0, burst = 0 } = bandwidth?.[side] ?? {};
  return { average: Number(average), peak: Number(peak), burst: Number(burst) };
}

function definitionIn(nic: Nic, isLive: boolean): Interface | undefined {
  return isLive ? nic.live : nic.config;
}

/** By MAC, or by the tap's name to the letter; two with that MAC are none, as with virDomainNetFind. */
function findByLibvirt(domain: DomainState, device: string, isLive: boolean): Nic {
  const mac = normalMac(device);
  const found = nicsOf(domain).filter((nic) => {
    const definition = definitionIn(nic, isLive);
    return definition && (mac === undefined ? definition.target?.dev === device : definition.mac?.address === mac);
  });
  const [nic, ...others] = found;
  if (nic && others.length === 0) return nic;
  const what = nic
    ? `multiple interfaces matching mac address ${device} found`
    : `'${device}' is not a known interface`;
  throw new VirshError(
    nic ? 'AMBIGUOUS' : 'NOTFOUND',
    `${domain.name} has ${nic ? 'several NICs' : 'no NIC'} ${device}`,
    `Unable to get interface parameters\ninvalid argument: ${what}`,
    {
      hint: `kvmnet vm nics ${domain.name} shows its NICs; in a configuration only MAC addresses name them`,
    },
  );
}
