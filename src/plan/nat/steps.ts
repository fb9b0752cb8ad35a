/** The steps from the existing port forwards and source NAT to the wanted ones. */
import { isDeepStrictEqual } from 'node:util';
import type { NatFacts } from '../../firewall/nat-facts.ts';
import { natFiles, type NatFile } from '../../firewall/nat-files.ts';
import { isInForce } from '../../firewall/nat-status.ts';
import { localDevices } from '../../firewall/nat.ts';
import type { NatRules } from '../../records/nat.ts';
import type { Family } from '../../values/address.ts';
import { deviceSetting, forwardingSetting } from '../../values/sysctl.ts';
import { fileExpectation } from '../actions/host.ts';
import type { ActionOf } from '../actions/row.ts';
import type { Step } from '../step.ts';
import { advertisementSettings, advertisementSettingsAtBoot } from './advertisements.ts';

/**
 * The files, the settings of the kernel and the rules, in this order: a restart in the middle finds the files of the whole change. None where
 * everything is so already.
 */
export function natSteps(after: NatRules, facts: NatFacts): readonly Step[] {
  const before = facts.rules;
  return [...fileSteps(after, facts), ...sysctlSteps(before, after, facts), ...ruleSteps(before, after, facts)];
}

function fileSteps(after: NatRules, facts: NatFacts): readonly Step[] {
  return natFiles(after, { ...facts, sysctls: bootSettings(after, facts) }).flatMap((file) => {
    const now = facts.files.get(file.path);
    if (now?.text === file.text) return [];
    const write = writeOf(file, file.text);
    const verb = file.text === undefined ? 'remove' : now === undefined ? 'write' : 'change';
    const title = `${verb} ${file.path}`;
    return [{ title, do: write, undo: [writeOf(file, now?.text)], verify: fileExpectation(write) }];
  });
}

/** A file that is removed leaves nothing that its link could lead to. */
function writeOf({ path, mode, link }: NatFile, text: string | undefined): ActionOf<'hostWriteFile'> {
  return { call: 'hostWriteFile', path, text: text ?? null, mode, ...(link === undefined ? {} : { link }) };
}

/** Source NAT needs a host that forwards packets, also where no network of libvirt's enables that. */
function bootSettings({ sources }: NatRules, facts: NatFacts): Readonly<Record<string, string>> {
  const families = familiesOf(sources);
  return Object.fromEntries([
    ...advertisementSettingsAtBoot(families, facts),
    ...families.map((family) => [forwardingSetting[family], '1'] as const),
  ]);
}

function familiesOf(entries: readonly { readonly family: Family }[]): readonly Family[] {
  return [...new Set(entries.map(({ family }) => family))];
}

function sysctlSteps(before: NatRules, after: NatRules, facts: NatFacts): readonly Step[] {
  const { sysctls } = facts;
  const routed = familiesOf([...after.forwards, ...after.sources]);
  const [had, has] = [before, after].map(({ forwards }) =>
    localDevices(forwards).map((device) => deviceSetting(device, 'route_localnet')),
  );
  const wanted = [
    ...advertisementSettings(routed, facts),
    ...routed.map((family) => [forwardingSetting[family], '1'] as const),
    ...(has ?? []).map((name) => [name, '1'] as const),
    ...(had ?? []).filter((name) => has?.includes(name) === false).map((name) => [name, '0'] as const),
  ];
  return wanted.flatMap(([name, value]) => {
    const now = sysctls[name];
    // A device that does not exist yet gets the setting when its network starts.
    if (now === undefined || now === value) return [];
    const call = 'hostSysctl';
    return [
      {
        title: `set ${name} to ${value}`,
        do: { call, name, value },
        undo: [{ call, name, value: now }],
        verify: { expect: 'sysctl', name, value },
      } as const,
    ];
  });
}

function ruleSteps(before: NatRules, after: NatRules, { backend, tables }: NatFacts): readonly Step[] {
  if (isDeepStrictEqual(before, after) && isInForce(after, backend, tables)) return [];
  const call = 'hostSetNat';
  return [
    {
      title: `load the rules with ${backend}`,
      do: { call, rules: after, backend },
      undo: [{ call, rules: before, backend }],
      verify: { expect: 'nat', rules: after, backend },
    },
  ];
}
