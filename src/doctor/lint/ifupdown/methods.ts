/** ifupdown's methods with the options that each reads, as a table. Sources: interfaces(5); inet.defn, inet6.defn, can.defn of ifupdown 0.8.41. */
import { configsOf } from '../../../config/config.ts';
import { optionName, type PlacedStanza } from '../../../config/ifupdown/read.ts';
import { about, type Complaint, type FileCheck, type LintCheck } from '../check.ts';

interface Method {
  readonly needs?: readonly string[];
  /** The options of `addressing` that it reads. */
  readonly reads?: readonly string[];
}

/** Options that only some methods read, and no other package. */
const addressing = 'address netmask broadcast gateway pointopoint scope endpoint dstaddr local ttl'.split(' ');

const words = (text: string): readonly string[] => text.split(' ');

const methods: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  inet: {
    loopback: {},
    static: { needs: ['address'], reads: words('address netmask broadcast gateway pointopoint scope') },
    manual: {},
    dhcp: {},
    bootp: {},
    tunnel: {
      needs: words('address netmask mode endpoint'),
      reads: words('address netmask gateway endpoint dstaddr local ttl'),
    },
    ppp: {},
    wvdial: {},
    ipv4ll: {},
  },
  inet6: {
    auto: {},
    loopback: {},
    static: { needs: ['address'], reads: words('address netmask gateway scope') },
    manual: {},
    dhcp: {},
    tunnel: { needs: words('mode endpoint'), reads: words('address netmask gateway endpoint dstaddr local ttl') },
    v4tunnel: { needs: ['endpoint'], reads: words('address netmask gateway endpoint local ttl') },
    '6to4': { needs: ['local'], reads: words('local ttl') },
  },
  ipx: { static: { needs: words('frame netnum') }, dynamic: { needs: ['frame'] } },
  can: { static: { needs: ['bitrate'] } },
};

export const families: readonly string[] = Object.keys(methods);

export function methodsOf(family: string): readonly string[] | undefined {
  const known = Object.hasOwn(methods, family) ? methods[family] : undefined;
  return known && Object.keys(known);
}

function methodOf({ family, method }: PlacedStanza): Method | undefined {
  const known = Object.hasOwn(methods, family ?? '') ? methods[family ?? ''] : undefined;
  return known && Object.hasOwn(known, method ?? '') ? known[method ?? ''] : undefined;
}

const optionMissing: LintCheck = {
  code: 'option-missing',
  severity: 'error',
  find: ({ interfaces }) =>
    interfaces.flatMap(({ stanzas, options }) =>
      stanzas.flatMap((stanza) => {
        // A template may have options that the inheriting stanza lacks.
        const settings = stanza.inherits === undefined ? stanza.options : options;
        const missing = (methodOf(stanza)?.needs ?? []).filter((key) => !settings.some((option) => option.key === key));
        if (missing.length === 0) return [];
        const message = `iface ${stanza.name} ${stanza.family ?? ''} ${stanza.method ?? ''} needs ${missing.join(' and ')}: ifup fails`;
        return [about(stanza, message, `write ${missing.join(' and ')} below it`)];
      }),
    ),
};

const optionNotRead: LintCheck = {
  code: 'option-not-read',
  severity: 'error',
  find: ({ interfaces }) => interfaces.flatMap(({ stanzas }) => stanzas.flatMap(unread)),
};

/** Commands may read an option as `$IF_ADDRESS`. */
function unread(stanza: PlacedStanza): readonly Complaint[] {
  const method = methodOf(stanza);
  if (method === undefined) return [];
  const idle = stanza.options.filter(({ key }) => {
    const variable = `IF_${key.toUpperCase()}`;
    const isUsed = stanza.options.some(({ value }) => value.includes(variable));
    return addressing.includes(key) && !(method.reads ?? []).includes(key) && !isUsed;
  });
  const [first] = idle;
  if (first === undefined) return [];
  const keys = [...new Set(idle.map(({ key }) => key))].join(' and ');
  const { name, family = '', method: word = '', path } = stanza;
  const message = `iface ${name} ${family} ${word}: nothing reads ${keys} with the method ${word}`;
  const remedy =
    word === 'manual' || word === 'dhcp' ? `write iface ${name} ${family} static, or delete them` : 'delete them';
  return [about({ path, line: first.line }, message, remedy)];
}

/** A comment needs its own line; in commands the shell removes it. */
const inlineComment: FileCheck = {
  code: 'inline-comment',
  severity: 'error',
  find: ({ configs }) =>
    configsOf(configs, 'ifupdown').flatMap(({ file, parsed }) =>
      parsed.ifaces.flatMap(({ options }) =>
        options.flatMap(({ key, value, line }) => {
          const comment = commentIn(key, value);
          if (comment === undefined) return [];
          const message = `${key}: "${comment}" becomes part of the value: a comment has a line of its own`;
          return [about({ path: file.path, line }, message, 'write the comment above the line')];
        }),
      ),
    ),
};

const free = /^((pre-|post-)?(up|down)|description|alias|wpa-.*|wireless-.*)$/;

/** Text after the value of an option that is meant as a comment. */
export function commentIn(key: string, value: string): string | undefined {
  return free.test(optionName(key)) ? undefined : /(?:^|\s)(#.*)$/.exec(value)?.[1];
}

export const methodChecks: readonly LintCheck[] = [optionMissing, optionNotRead];

/** Searched before comments are removed for all other checks. */
export const commentChecks: readonly FileCheck[] = [inlineComment];
