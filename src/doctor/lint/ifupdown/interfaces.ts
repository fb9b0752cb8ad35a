/** Checks of /etc/network/interfaces alone. Sources: interfaces(5), bridge-utils-interfaces(5). */
import { configsOf } from '../../../config/config.ts';
import { matcherOf, optionName, type InterfacesDevice, type PlacedStanza } from '../../../config/ifupdown/read.ts';
import { about, placeOf, type Complaint, type LintCheck } from '../check.ts';
import { families, methodsOf } from './methods.ts';
import { closestName, misspelling } from '../keys.ts';

const noBridgePorts: LintCheck = {
  code: 'no-bridge-ports',
  severity: 'error',
  find: ({ interfaces }) => interfaces.flatMap(portless),
};

function portless({ name, stanzas, options }: InterfacesDevice): readonly Complaint[] {
  const [first] = stanzas;
  const keys = options.map(({ key }) => optionName(key));
  if (first === undefined || keys.includes('bridge-ports')) return [];
  const isMadeByHand = options.some(({ value }) => /\b(brctl\s+addbr|type\s+bridge|ovs-vsctl)\b/.test(value));
  const hasOptions = keys.some((key) => key.startsWith('bridge-'));
  const isNamedSo = /^(x?br|vmbr)[-_]?(vlan)?[-_]?\d+$/.test(name);
  if (isMadeByHand || keys.some((key) => key.startsWith('ovs-')) || !(hasOptions || isNamedSo)) return [];
  const what = hasOptions
    ? `${name} has options of a bridge and no bridge_ports`
    : `${name} is named like a bridge and has no bridge_ports`;
  return [
    about(
      first,
      `${what}: without that line no bridge is made`,
      'write bridge_ports eth0 below it, or bridge_ports none',
    ),
  ];
}

const autoWithoutStanza: LintCheck = {
  code: 'auto-without-stanza',
  severity: 'error',
  find: ({ configs }) => {
    const files = configsOf(configs, 'ifupdown');
    const names = files.flatMap(({ parsed }) => parsed.ifaces.map(({ name }) => name));
    const isMapped = matcherOf(files.flatMap(({ parsed }) => parsed.mappings.flatMap(({ patterns }) => patterns)));
    // Where no stanza has the method loopback, ifupdown has one of its own for lo.
    const ownLoopback = files.every(({ parsed }) => parsed.ifaces.every(({ method }) => method !== 'loopback'));
    // `iface eth*` is a stanza for all that it matches.
    const hasStanza = matcherOf(names);
    return files.flatMap(({ file, parsed }) =>
      parsed.classes
        .filter(({ keyword }) => keyword === 'auto' || keyword === 'allow-auto' || keyword === 'allow-hotplug')
        .flatMap(({ keyword, names: words, line }) => {
          const [comment] = words.flatMap((word, index) => (word.startsWith('#') ? [words.slice(index)] : []));
          if (comment) {
            const message = `${keyword}: ifup looks for devices named ${comment.join(', ')}: a comment has a line of its own`;
            return [{ path: file.path, line, message, remedy: `write ${comment.join(' ')} above the line` }];
          }
          return words
            .filter((word) => !/[*?[/=]/.test(word))
            .filter((word) => !hasStanza(word) && !isMapped(word) && !(word === 'lo' && ownLoopback))
            .map((word) => {
              const meant = closestName(word, names);
              const remedy =
                meant === undefined
                  ? `write a stanza iface ${word} inet dhcp, or remove ${word}`
                  : `write ${keyword} ${meant}`;
              return {
                path: file.path,
                line,
                message: `${keyword} ${word}: no stanza iface ${word} exists`,
                remedy,
              };
            });
        }),
    );
  },
};

const badMethod: LintCheck = {
  code: 'bad-method',
  severity: 'error',
  find: ({ configs }) =>
    configsOf(configs, 'ifupdown').flatMap(({ file, parsed }) =>
      parsed.ifaces.flatMap(({ family, method, name, line, inherits }) => {
        if (family === undefined || (method === undefined && inherits !== undefined)) return [];
        const known = methodsOf(family);
        const place = { path: file.path, line };
        if (known === undefined) {
          const meant = misspelling(family, families) ?? 'inet';
          return [
            about(
              place,
              `iface ${name}: ${family} is not an address family`,
              `write iface ${name} ${meant} ${method ?? 'manual'}`,
            ),
          ];
        }
        if (method !== undefined && known.includes(method)) return [];
        const meant = misspelling(method ?? '', known);
        const message =
          method === undefined
            ? `iface ${name} ${family}: the method is missing`
            : `iface ${name} ${family}: unknown method ${method}`;
        return [about(place, message, `write iface ${name} ${family} ${meant ?? 'static, dhcp or manual'}`)];
      }),
    ),
};

/** A stanza inherits from one that ifupdown has read before it. */
const unknownTemplate: LintCheck = {
  code: 'unknown-template',
  severity: 'error',
  find: ({ configs }) => {
    const files = configsOf(configs, 'ifupdown');
    const key = (name: string, family: string | undefined): string => `${name} ${family ?? ''}`;
    return files.flatMap(({ file, parsed }) => {
      const elsewhere = files.filter((each) => each.file !== file).flatMap((each) => each.parsed.ifaces);
      const known = new Set(elsewhere.flatMap(({ name, family }) => [key(name, family), key(name, undefined)]));
      return parsed.ifaces.flatMap(({ name, inherits, family, line }) => {
        const isKnown = inherits === undefined || known.has(key(inherits, family));
        known.add(key(name, family)).add(key(name, undefined));
        if (isKnown) return [];
        const kind = family === undefined ? '' : ` ${family}`;
        const message = `iface ${name} inherits ${inherits}, but no stanza iface ${inherits}${kind} precedes it: ifupdown refuses the file`;
        return [{ path: file.path, line, message, remedy: `write the stanza iface ${inherits}${kind} above this one` }];
      });
    });
  },
};

const stanzaTwice: LintCheck = {
  code: 'stanza-twice',
  severity: 'warning',
  find: ({ interfaces }) =>
    interfaces.flatMap(({ name, stanzas }) => {
      const firsts = new Map<string, PlacedStanza>();
      return stanzas.flatMap((stanza) => {
        const family = stanza.family ?? '';
        // Two static stanzas are two addresses.
        const first = firsts.get(`${family} ${stanza.method === 'static' ? 'other' : 'any'}`);
        for (const kind of stanza.method === 'static' ? ['any'] : ['any', 'other'])
          if (!firsts.has(`${family} ${kind}`)) firsts.set(`${family} ${kind}`, stanza);
        if (first === undefined) return [];
        const message = `iface ${name} ${stanza.family ?? ''} already exists in ${placeOf(first, stanza)}: both are brought up, one after the other`;
        return [about(stanza, message, 'delete the one that you do not want')];
      });
    }),
};

export const interfacesChecks: readonly LintCheck[] = [
  noBridgePorts,
  autoWithoutStanza,
  badMethod,
  unknownTemplate,
  stanzaTwice,
];
