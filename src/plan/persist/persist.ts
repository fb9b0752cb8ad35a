/** Computes the changes of a manager's files from the present state of a host, and the steps that make them. */
import { KvmnetError } from '../../errors.ts';
import type { ConfigFormat } from '../../config/config.ts';
import type { ConfigFile } from '../../config/file.ts';
import { devicesOf } from '../../config/devices.ts';
import { suggestion } from '../../values/nearest.ts';
import type { HostState } from '../../state/state.ts';
import { fileExpectation } from '../actions/host.ts';
import type { ActionOf } from '../actions/row.ts';
import type { Step } from '../step.ts';
import type { PersistModel } from '../../config/persist-device.ts';
import type { FileChange, FileChanges, PresentFiles, Renderer } from '../../config/file-change.ts';
import { renderIfcfg } from '../../config/ifcfg/write.ts';
import { renderIfupdown } from '../../config/ifupdown/write.ts';
import { renderNetplan } from '../../config/netplan/write.ts';
import { renderNetworkd } from '../../config/networkd/write.ts';
import { renderNetworkManager } from '../../config/networkmanager/write.ts';

const renderers: Readonly<Record<ConfigFormat, Renderer>> = {
  ifupdown: renderIfupdown,
  ifcfg: renderIfcfg,
  networkmanager: renderNetworkManager,
  networkd: renderNetworkd,
  netplan: renderNetplan,
};

/** The files of a format that have to change for a model; none where they mean the same already. */
export function persistChanges(format: ConfigFormat, model: PersistModel, present: PresentFiles): FileChanges {
  const { changes, warnings } = renderers[format](model, present);
  return { changes, warnings: [...new Set([...model.warnings, ...warnings])] };
}

/** @throws NOTFOUND for a device that is named, and is neither on the host nor in the files */
export function requireKnown(
  format: ConfigFormat,
  { gone }: PersistModel,
  { configs }: PresentFiles,
  host: HostState,
): void {
  const written = new Set(devicesOf(configs.filter((config) => config.format === format)).map(({ name }) => name));
  const unknown = gone.find((name) => !written.has(name));
  if (unknown === undefined) return;
  const known = [...host.links.map(({ name }) => name), ...written];
  throw new KvmnetError('NOTFOUND', `no device named ${unknown}, neither on this host nor in the files for ${format}`, {
    hint: suggestion(unknown, known, 'ip link lists the devices of this host'),
  });
}

export interface StepPlaces {
  /** The prefix of each path: the directory of a mounted image. */
  readonly root: string;
  /** Where copies of files go that change: a directory of this change's own. */
  readonly copies: string;
}

type FileWrite = ActionOf<'hostWriteFile'>;

/** Writes files, each after a copy of the old one; the undo is the old content, with the attributes of the copy. */
export function fileSteps(changes: readonly FileChange[], { root, copies }: StepPlaces): readonly Step[] {
  const image = root === '' ? {} : { root };
  return changes.flatMap(({ path, before, after, mode, file }) => {
    const call = 'hostWriteFile';
    const { link, ...attributes } = { mode, ...(file && attributesOf(file)) };
    const target = {
      call,
      path: `${root}${path}`,
      ...image,
      ...attributes,
      ...(link === undefined ? {} : { link }),
    } as const;
    const copy = { call, path: `${copies}${path}`, ...image, ...attributes } as const;
    const verb = after === null ? 'remove' : before === null ? 'write' : 'change';
    const like = before === null ? {} : { like: copy.path };
    return [
      ...(before === null
        ? []
        : [fileStep(`keep a copy of ${path}`, { ...copy, text: before, like: target.path }, { ...copy, text: null })]),
      fileStep(`${verb} ${path}`, { ...target, text: after }, { ...target, text: before, ...like }),
    ];
  });
}

function attributesOf({ mode, owner, link }: ConfigFile) {
  return { ...(mode === undefined ? {} : { mode }), ...(owner && { owner }), ...(link === undefined ? {} : { link }) };
}

function fileStep(title: string, write: FileWrite, undo: FileWrite): Step {
  return { title, do: write, undo: [undo], verify: fileExpectation(write) };
}

/**
 * Returns the command that makes the manager load the files now, not only at the next boot; undefined for managers that create devices by commands: these
 * would fail on existing devices.
 */
export function reloadCommand(format: ConfigFormat): string | undefined {
  const commands = { networkmanager: 'nmcli connection reload', networkd: 'networkctl reload', netplan: 'netplan try' };
  return format === 'ifupdown' || format === 'ifcfg' ? undefined : commands[format];
}

/** Returns the command that makes the manager request the addresses of these devices. */
export function bringUp(format: ConfigFormat, names: readonly string[]): string {
  switch (format) {
    case 'ifupdown':
    case 'ifcfg':
      return names.map((name) => `ifup ${name}`).join('; ');
    case 'networkmanager':
      return ['nmcli connection reload', ...names.map((name) => `nmcli connection up kvmnet-${name}`)].join('; ');
    case 'networkd':
      return 'networkctl reload';
    case 'netplan':
      return 'netplan apply';
  }
}
