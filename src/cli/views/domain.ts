/** A domain as people and programs see it in `vm show`. */
import { KvmnetError } from '../../errors.ts';
import type { ProcedureResult } from '../../libvirt/procedures.ts';
import type { HealthFacts } from '../../state/health.ts';
import type { DomainState, State, Unreadable } from '../../state/state.ts';
import { printable } from '../../values/printable.ts';
import { stateReason } from '../../state/state-reasons.ts';
import { factLines } from './network.ts';
import { summarizeNics, type NicSummary } from './nic.ts';

/** Where the facts of a domain come from. */
export interface DomainFacts {
  readonly state: State;
  readonly facts: HealthFacts;
  readonly stateOf: (uuid: string) => Promise<ProcedureResult<'getDomainState'>>;
  readonly infoOf: (uuid: string) => Promise<ProcedureResult<'getDomainInfo'>>;
}

/** The facts of a domain; fields as in `--json`. Unreadable facts are undefined: a problem has the reason. */
interface DomainDetails extends Pick<DomainState, 'name' | 'uuid' | 'id' | 'active' | 'persistent' | 'autostart'> {
  readonly title: string | undefined;
  readonly state: string;
  /** Why it is in this state, in libvirt's words: `booted`, `destroyed`, … */
  readonly reason: string | undefined;
  readonly managedSave: boolean | undefined;
  readonly osType: string | undefined;
  readonly machine: string | undefined;
  readonly cpus: number | undefined;
  readonly cpuTimeNs: number | undefined;
  readonly memoryKiB: number | undefined;
  readonly maxMemoryKiB: number | undefined;
  readonly nics: readonly NicSummary[];
  readonly problems: readonly string[];
}

export async function domainDetails(domain: DomainState, facts: DomainFacts): Promise<DomainDetails> {
  const { name, uuid, id, active, persistent, autostart } = domain;
  const { title, os } = domain.domain;
  const [state, info] = await Promise.all([answer(facts.stateOf(uuid)), answer(facts.infoOf(uuid))]);
  const problems = [state, info].flatMap((each) => ('problem' in each ? [each.problem] : []));
  const told = 'problem' in info ? undefined : info.value;
  return {
    ...{ name, uuid, id, active, persistent, autostart, title },
    state: 'problem' in state ? domain.state : state.value.state,
    reason: 'problem' in state ? undefined : stateReason(state.value.state, state.value.reason),
    managedSave: told?.hasManagedSave,
    osType: told?.osType,
    machine: os?.type?.machine,
    cpus: told?.cpus,
    cpuTimeNs: told?.cpuTimeNs,
    memoryKiB: told?.memoryKiB,
    maxMemoryKiB: told?.maxMemoryKiB,
    nics: summarizeNics(domain, facts.state, facts.facts),
    problems: [...new Set(problems)],
  };
}

/** A domain whose definition cannot be read. */
export function unreadableDetails({ object: _, state = 'no state', problem, ...known }: Unreadable): DomainDetails {
  return {
    ...known,
    state,
    ...{ title: undefined, reason: undefined, managedSave: undefined, osType: undefined, machine: undefined },
    ...{ cpus: undefined, cpuTimeNs: undefined, memoryKiB: undefined, maxMemoryKiB: undefined, nics: [] },
    problems: [`its definition cannot be read: ${problem}`],
  };
}

type Answer<T> = { readonly value: T } | { readonly problem: string };

/** A failed query of one domain does not hide the others. */
async function answer<T>(facts: Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await facts };
  } catch (error) {
    if (!(error instanceof KvmnetError) || !['NOTFOUND', 'BACKEND', 'DEPENDENCY'].includes(error.code)) throw error;
    return { problem: error.message };
  }
}

export function detailText(shown: DomainDetails): string {
  const { name, title, uuid, id, state, reason, persistent, autostart, managedSave, cpus, problems } = shown;
  const status = [
    reason === undefined ? state : `${state} (${reason})`,
    persistent ? 'persistent' : 'transient',
    autostart ? 'starts at boot' : 'not started at boot',
  ];
  return factLines([
    ['Name', name],
    ['Title', title === undefined ? undefined : printable(title)],
    ['UUID', uuid],
    ['Id', id === undefined ? undefined : String(id)],
    ['State', status.join(', ')],
    ['Managed save', managedSave === true ? 'yes: it resumes with its memory when it starts' : undefined],
    ['OS type', [shown.osType, shown.machine].filter((part) => part !== undefined).join(', ')],
    ['CPUs', cpus === undefined ? undefined : String(cpus)],
    ['Memory', memoryText(shown)],
    ...shown.nics.map((nic) => ['NIC', nicText(nic)] as const),
    ...problems.map((problem) => ['Problem', problem] as const),
  ]);
}

function memoryText({ memoryKiB, maxMemoryKiB }: DomainDetails): string | undefined {
  if (memoryKiB === undefined || maxMemoryKiB === undefined) return undefined;
  const maxMemory = maxMemoryKiB === 0xffffffff ? 'no limit' : sizeText(maxMemoryKiB);
  return memoryKiB === maxMemoryKiB ? sizeText(memoryKiB) : `${sizeText(memoryKiB)} of ${maxMemory}`;
}

const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** In the largest unit that leaves no fraction. */
function sizeText(kib: number): string {
  let [size, unit] = [kib, 0];
  while (size > 0 && size % 1024 === 0 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1];
  return `${String(size)} ${units[unit] ?? ''}`;
}

/** `0: default (network, vnet3), 52:54:00:…, 192.168.122.5`. */
function nicText(nic: NicSummary): string {
  const { index, source, type, portgroup, mac, link, addresses, problems } = nic;
  const details = [type, portgroup === undefined ? undefined : `portgroup ${portgroup}`, nic.bridge, nic.interface];
  const where = details.filter((part) => part !== undefined && part !== source).join(', ');
  const facts = [
    `${source ?? 'no source'}${where === '' ? '' : ` (${where})`}`,
    ...(mac === undefined ? [] : [mac]),
    ...addresses,
    ...(link === 'down' ? ['link down'] : []),
    ...problems,
  ];
  return `${String(index ?? 0)}: ${facts.join(', ')}`;
}
