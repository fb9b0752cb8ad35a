/** From a host's state to a plan that writes it for its manager. */
import type { ConfigFormat } from '../../config/config.ts';
import type { ConfiguredDevice } from '../../config/device.ts';
import { devicesOf } from '../../config/devices.ts';
import type { FileChange, PresentFiles } from '../../config/file-change.ts';
import type { HostState, State } from '../../state/state.ts';
import { wholeHost } from '../../state/whole-host.ts';
import type { Plan } from '../step.ts';
import { chooseManager, idleWarning, wickedWarning, type ManagersSeen } from './choose.ts';
import { persistModel, type PersistOptions } from './model.ts';
import { fileSteps, persistChanges, requireKnown } from './persist.ts';

/** The configuration files of a host, and its managers. */
export interface PersistFacts {
  /** Where the host's root directory is: `/`, or where an image is mounted. */
  readonly root: string;
  readonly present: PresentFiles & {
    /** Files of SUSE's manager, which are neither read nor written. */
    readonly ofWicked: readonly string[];
  };
  readonly seen: ManagersSeen;
  /** The folder below which copies of old files are kept. */
  readonly keptIn: string;
}

export interface PersistRequest extends PersistOptions {
  /** Found out by looking when left out. */
  readonly format?: ConfigFormat | undefined;
  /** The option that names the format, for hints; `--for` when left out. */
  readonly option?: string;
  /** When it was asked, for the name of the folder of copies. */
  readonly time: Date;
  /** A missing device is not an error: the same plan has removed it. */
  readonly isLenient?: boolean;
}

export interface PersistPlan extends Plan {
  readonly format: ConfigFormat;
  readonly changes: readonly FileChange[];
  /** The devices to write, and those to remove. */
  readonly devices: readonly string[];
  readonly gone: readonly string[];
  /** The folder that the old files are copied to. */
  readonly copies: string;
  /** The files that change and already have a device of `only`. */
  readonly outdated: readonly string[];
}

/**
 * Writes the present links of a host to the configuration files of its manager.
 * @throws DEPENDENCY where the host has no manager, AMBIGUOUS where it has several, NOTFOUND for a named device that is neither on the host nor in its files
 */
export function planPersist(
  state: Pick<State, 'networks'>,
  host: HostState,
  request: PersistRequest,
  { root, present, seen, keptIn }: PersistFacts,
): PersistPlan {
  const format =
    request.format ?? chooseManager(seen, present.configs, { ofWicked: present.ofWicked, option: request.option });
  const model = persistModel(wholeHost(host), state.networks, request);
  if (!request.isLenient) requireKnown(format, model, present, host);
  const { changes, warnings } = persistChanges(format, model, present);
  const copies = `${keptIn}/${stamp(request.time)}`;
  return {
    title: `write the host's devices for ${format}`,
    steps: fileSteps(changes, { root: root === '/' ? '' : root, copies }),
    warnings: [
      ...warnings,
      ...wickedWarning(present.ofWicked),
      ...(changes.length === 0 ? [] : idleWarning(format, seen)),
    ],
    consent: [],
    format,
    changes,
    devices: model.devices.map(({ name }) => name),
    gone: model.gone,
    copies,
    outdated: outdatedIn(changes, devicesOf(present.configs), request.only ?? []),
  };
}

function outdatedIn(
  changes: readonly FileChange[],
  devices: readonly ConfiguredDevice[],
  names: readonly string[],
): readonly string[] {
  const mentions = ({ name, ports }: ConfiguredDevice): boolean =>
    names.includes(name) || ports.some(({ value }) => names.includes(value));
  const paths = new Set(devices.filter(mentions).map(({ path }) => path));
  return changes
    .filter(({ path, before }) => before !== null && (paths.has(path) || names.some((name) => path.includes(name))))
    .map(({ path }) => path);
}

/** `20261121-135501`, by universal time. */
function stamp(time: Date): string {
  return time.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
}
