/** From a host's state to a plan that writes it for its manager. */
import { join, resolve } from 'node:path';
import { KvmnetError } from '../errors.ts';
import { isDirectory } from '../host/config-files.ts';
import { lookForManagers } from '../host/managers.ts';
import { stateDirectory } from '../host/state-directory.ts';
import { observeBootFiles } from '../observe/persist-files.ts';
import { isOnThisMachine } from '../observe/uri.ts';
import { chooseManager, idleWarning, wickedWarning } from '../plan/persist/choose.ts';
import type { FileChange } from '../config/file-change.ts';
import { persistModel, type PersistOptions } from '../plan/persist/model.ts';
import { fileSteps, persistChanges, requireKnown } from '../plan/persist/persist.ts';
import type { Plan } from '../plan/step.ts';
import { configFormats, type ConfigFormat } from '../config/config.ts';
import type { ConfiguredDevice } from '../config/device.ts';
import { devicesOf } from '../config/devices.ts';
import { suggestion } from '../values/nearest.ts';
import type { HostState, State } from '../state/state.ts';

export interface PersistRequest extends PersistOptions {
  /** Found out by looking when left out. */
  readonly format?: ConfigFormat | undefined;
  /** The option that names the format, for hints; `--for` when left out. */
  readonly option?: string;
  /** Where the host's root directory is; `/` when left out. */
  readonly root?: string | undefined;
  /** When it was asked, for the name of the folder of copies. */
  readonly time: Date;
  /** A missing device is not an error: the same plan has removed it. */
  readonly isLenient?: boolean;
}

export interface PersistPlan extends Plan {
  readonly format: ConfigFormat;
  readonly changes: readonly FileChange[];
  /** The devices that are written, and those that are removed. */
  readonly devices: readonly string[];
  readonly gone: readonly string[];
  /** The folder that the old files are copied to. */
  readonly copies: string;
  /** Of the files that change, those that have a device of `only` already. */
  readonly outdated: readonly string[];
}

/**
 * @throws DEPENDENCY where the host is another machine or has no manager, AMBIGUOUS where it has several, NOTFOUND for a named device that is
 * neither on the host nor in its files
 */
export function planPersist(state: State, host: HostState, request: PersistRequest): PersistPlan {
  const root = resolve(request.root ?? '/');
  requireHere(state, root);
  const present = observeBootFiles(root);
  const seen = lookForManagers(root);
  const format =
    request.format ?? chooseManager(seen, present.configs, { ofWicked: present.ofWicked, option: request.option });
  const model = persistModel(host, state.networks, request);
  if (!request.isLenient) requireKnown(format, model, present, host);
  const { changes, warnings } = persistChanges(format, model, present);
  const copies = join(root, root === '/' ? stateDirectory() : '/var/lib/kvmnet', 'files', stamp(request.time));
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

/** @throws INPUT for a format that kvmnet does not write */
export function readManager(text: string): ConfigFormat | undefined {
  if (text === 'auto') return undefined;
  const format = configFormats.find((each) => each === text.toLowerCase());
  if (format !== undefined) return format;
  throw new KvmnetError('INPUT', `${JSON.stringify(text)} is not a manager that kvmnet writes for`, {
    hint: suggestion(text, configFormats, `one of ${configFormats.join(', ')}, or auto`),
  });
}

function requireHere({ connection: { uri } }: State, root: string): void {
  if (!isOnThisMachine(uri)) {
    throw new KvmnetError('DEPENDENCY', `the configuration files of ${uri} are on another machine`, {
      hint: 'run kvmnet host persist there',
    });
  }
  if (isDirectory(root)) return;
  throw new KvmnetError('NOTFOUND', `directory ${root} does not exist`, {
    hint: 'name where the root directory is mounted',
  });
}

/** `20261121-135501`, by universal time. */
function stamp(time: Date): string {
  return time.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
}
