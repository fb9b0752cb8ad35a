/** Words of other programs, and what kvmnet has for them: accepted where they mean the same, else answered. */

/** Verbs that mean the same in a group: `kvmnet net ls` is `kvmnet net list`. */
const sameVerbs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  net: { ls: 'list', rm: 'delete' },
  vm: { ls: 'list', show: 'nics' },
  bridge: { ls: 'list', rm: 'delete' },
  vlan: { ls: 'list', rm: 'delete', show: 'list' },
  host: { ls: 'show', list: 'show' },
};

/** Commands that kvmnet does not have, and what to type in their place. */
const otherCommands: Readonly<Record<string, string>> = {
  'net add': 'kvmnet net create',
  'net destroy': 'kvmnet net stop',
  'net undefine': 'kvmnet net delete',
  'net dumpxml': 'kvmnet net xml',
  'net info': 'kvmnet net show',
  'vm shutdown': 'kvmnet vm stop',
  'vm destroy': 'kvmnet vm stop --force',
  'vm info': 'kvmnet vm nics',
  'bridge add': 'kvmnet bridge create',
  'bridge addbr': 'kvmnet bridge create',
  'bridge delbr': 'kvmnet bridge delete',
  'bridge addif': 'kvmnet bridge add-port',
  'bridge delif': 'kvmnet bridge del-port',
  'bridge showmacs': 'kvmnet bridge macs',
  'bridge showstp': 'kvmnet bridge show',
  'vlan add': 'kvmnet vlan create',
  'vlan rem': 'kvmnet vlan delete',
  version: 'kvmnet --version',
};

/** Options that kvmnet has under another name, or with a value. */
const otherOptions: Readonly<Record<string, string>> = {
  '--subnet': '--nat CIDR',
  '--cidr': '--nat CIDR',
  '--for': '--persist MANAGER',
};

/** Returns the verb that kvmnet has for a verb of a group. */
export function verbOf(group: string, verb: string): string {
  return (Object.hasOwn(sameVerbs, group) ? sameVerbs[group]?.[verb] : undefined) ?? verb;
}

/** Returns what to type in place of a command, or undefined for one that no table has. */
export function commandFor(words: readonly string[]): string | undefined {
  const name = words.slice(0, 2).join(' ');
  const found = [name, words[0] ?? ''].find((each) => Object.hasOwn(otherCommands, each));
  return found === undefined ? undefined : otherCommands[found];
}

/** Returns what to type in place of an option, or undefined. */
export function optionFor(option: string): string | undefined {
  return Object.hasOwn(otherOptions, option) ? otherOptions[option] : undefined;
}
