/** Verbs and options of other programs that mean the same as one of kvmnet's. */

/** Verbs that mean the same in a group: `kvmnet net ls` is `kvmnet net list`. */
const sameVerbs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  net: { ls: 'list', rm: 'delete' },
  vm: { ls: 'list', rm: 'delete' },
  bridge: { ls: 'list', rm: 'delete' },
  vlan: { ls: 'list', rm: 'delete', show: 'list' },
  host: { ls: 'show', list: 'show' },
};

/** Options that kvmnet has under another name, or with a value. */
const otherOptions: Readonly<Record<string, string>> = {
  '--subnet': '--nat CIDR',
  '--cidr': '--nat CIDR',
  '--for': '--persist MANAGER',
  '--limit': '--last N',
};

/** Returns the verb that kvmnet has for a verb of a group. */
export function verbOf(group: string, verb: string): string {
  return (Object.hasOwn(sameVerbs, group) ? sameVerbs[group]?.[verb] : undefined) ?? verb;
}

/** Returns what to type in place of an option, or undefined. */
export function optionFor(option: string): string | undefined {
  return Object.hasOwn(otherOptions, option) ? otherOptions[option] : undefined;
}
