/** Plans that change or take out a NIC that is there: detach, move, link. */
import { KvmnetError } from '../errors.ts';
import { nicsOf, sourceOf, type Nic } from '../state/nics.ts';
import type { DomainState, State } from '../state/state.ts';
import type { Interface, InterfaceInput } from '../xml/interface.ts';
import { startStep } from './network-step.ts';
import { chooseLives, requireHotplug, type Lives, type WantedLives } from './nic-lives.ts';
import { sourceElement } from './nic-options.ts';
import type { NicSource } from './nic-source.ts';
import { detachStep, updateStep, type NicSubject } from './nic-step.ts';
import type { Plan, Step } from './step.ts';

interface NicChange {
  readonly domain: DomainState;
  readonly nic: Nic;
  readonly wanted: WantedLives;
}

/** Takes a NIC out: first of the running guest, which has to let go, and only then of the configuration. */
export function planDetach(change: NicChange, state: State): Plan {
  const { subject, lives, name } = prepare(change, state);
  const { live, config } = change.nic;
  const steps = [
    ...(lives.live && live ? [detachStep(subject, live, 'live')] : []),
    ...(lives.config && config ? [detachStep(subject, config, 'config')] : []),
  ];
  return { title: `take ${name} out`, steps, warnings: [], consent: [] };
}

/** How long the link is down when a NIC moves: guests ask for a new lease when they see it come back, and poll at most each second. */
const noticed = 1_500;

/** Plugs a NIC into another network or bridge, in place: MAC and PCI slot stay, and the guest sees its link go down and up. */
export function planMove(change: NicChange & { readonly source: NicSource }, state: State): Plan {
  const { subject, lives, name } = prepare(change, state);
  const { source, nic, domain } = change;
  requireMovable(nic, source, lives, name);
  const start = source.type === 'network' && !source.network.active && lives.live ? source.network : undefined;
  const move = (life: 'live' | 'config', from: Interface | undefined): Step[] => {
    if (!from || isPluggedInto(from, source)) return [];
    const to: InterfaceInput = { ...from, type: source.type, source: sourceElement(source), virtualport: undefined };
    const title = `plug ${name} into ${source.name}${life === 'config' ? ' at the next boot' : ''}`;
    return life === 'live'
      ? bounce(subject, title, from, to, source.name)
      : [updateStep(subject, { title, life, from, to }, { source: source.name })];
  };
  return {
    title: `move ${name} to ${source.name}`,
    steps: [
      ...(start ? [startStep(start.inactive ?? start.network, start.uuid, state)] : []),
      ...(lives.live ? move('live', nic.live) : []),
      ...(lives.config ? move('config', nic.config) : []),
    ],
    warnings:
      source.type === 'network' && !source.network.active && !start
        ? [`network ${source.name} is not active: ${domain.name} will not start until it is`]
        : [],
    consent: start ? [`network ${source.name} is not active, and has to be started`] : [],
  };
}

/** Moves with the link down, and then lifts it; a link that the user has down stays down. */
function bounce(subject: NicSubject, title: string, from: Interface, to: InterfaceInput, source: string): Step[] {
  const isDown = from.link?.state === 'down';
  const down = { ...to, link: { state: 'down' as const } };
  const moved = updateStep(subject, { title, life: 'live', from, to: down }, { source, link: 'down' });
  if (isDown) return [moved];
  const up = {
    title: `${title}: link up, so that the guest asks for a new lease`,
    life: 'live',
    from: down,
    to: { ...to, link: { state: 'up' as const } },
  } as const;
  return [{ ...moved, pause: noticed }, updateStep(subject, up, { source, link: 'up' })];
}

/** Switches a NIC's link. */
export function planLink(change: NicChange & { readonly link: 'up' | 'down' }, state: State): Plan {
  const { subject, lives, name } = prepare(change, state);
  const { link, nic } = change;
  const set = (life: 'live' | 'config', from: Interface | undefined): Step[] => {
    if (!from || (from.link?.state ?? 'up') === link) return [];
    const title = `link ${link} on ${name}${life === 'config' ? ' at the next boot' : ''}`;
    return [updateStep(subject, { title, life, from, to: { ...from, link: { state: link } } }, { link })];
  };
  return {
    title: `link ${link} on ${name}`,
    steps: [...(lives.live ? set('live', nic.live) : []), ...(lives.config ? set('config', nic.config) : [])],
    warnings: [],
    consent: [],
  };
}

function prepare(
  { domain, nic, wanted }: NicChange,
  state: State,
): { subject: NicSubject; lives: Lives; name: string } {
  const lives = chooseLives(domain, wanted);
  const { hypervisor } = state.connection;
  requireHotplug(domain, hypervisor, { ...lives, live: lives.live && nic.live !== undefined });
  if ((!lives.live || !nic.live) && (!lives.config || !nic.config)) {
    throw new KvmnetError(
      'CONFLICT',
      `NIC ${String(nic.index)} of ${domain.name} is only in its ${nic.live ? 'live' : 'next-boot'} definition`,
      {
        hint: `say ${nic.live ? '--live' : '--config'}`,
      },
    );
  }
  const mac = requireUniqueMac(domain, nic);
  return { subject: { domain, hypervisor, mac }, lives, name: `NIC ${mac} of ${domain.name}` };
}

/** libvirt finds the NIC that is meant by its MAC first: two with one MAC cannot be told apart by it. */
function requireUniqueMac(domain: DomainState, nic: Nic): string {
  if (nic.mac === undefined)
    throw new KvmnetError('CONFLICT', `NIC ${String(nic.index)} of ${domain.name} has no MAC address`);
  const twins = nicsOf(domain).filter(({ mac }) => mac === nic.mac);
  if (twins.length === 1) return nic.mac;
  throw new KvmnetError(
    'AMBIGUOUS',
    `${domain.name} has ${String(twins.length)} NICs with the MAC ${nic.mac}: libvirt cannot tell them apart`,
    {
      hint: `shut ${domain.name} down, and give one of them another MAC`,
    },
  );
}

function isPluggedInto(nic: Interface, source: NicSource): boolean {
  if (sourceOf(nic) !== source.name) return false;
  return source.type === 'network' ? nic.source?.network !== undefined : nic.type === source.type;
}

/** Between networks and bridges only: what is macvtap or passed through cannot be plugged elsewhere while it runs. */
function requireMovable(nic: Nic, source: NicSource, lives: Lives, name: string): void {
  if (!lives.live || !nic.live) return;
  const movable = (type: string): boolean => type === 'network' || type === 'bridge';
  const toDirect = source.type === 'direct' || (source.type === 'network' && source.network.bridge === undefined);
  if (movable(nic.live.type) && !toDirect) return;
  throw new KvmnetError(
    'DEPENDENCY',
    `${name} cannot move to ${source.name} while the guest runs: libvirt moves NICs between bridges only`,
    {
      hint: '--config moves it at the next boot; or detach it and attach a new one',
    },
  );
}
