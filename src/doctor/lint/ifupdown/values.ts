/** The values of options of bridges and bonds in /etc/network/interfaces, as a table. Sources: bridge-utils-interfaces(5), ifenslave's README. */
import { configsOf } from '../../../config/config.ts';
import { optionName } from '../../../config/ifupdown/read.ts';
import { about, type LintCheck } from '../check.ts';

interface ValueRule {
  readonly keys: readonly string[];
  readonly accepts: RegExp;
  readonly wanted: string;
}

const words = (text: string): readonly string[] => text.split(' ');

const rules: readonly ValueRule[] = [
  { keys: words('bridge-stp bridge-vlan-aware'), accepts: /^(on|off|yes|no|true|false|1|0)$/i, wanted: 'on or off' },
  {
    keys: words('bridge-fd bridge-hello bridge-maxage bridge-ageing bridge-gcint bridge-maxwait'),
    accepts: /^\d+(\.\d+)?$/,
    wanted: 'a number of seconds',
  },
  { keys: ['bridge-bridgeprio'], accepts: /^\d{1,5}$/, wanted: 'a number from 0 to 65535' },
  { keys: words('bridge-pathcost bridge-portprio'), accepts: /^\S+\s+\d+$/, wanted: 'a port and a number' },
  {
    keys: ['bond-mode'],
    accepts: /^([0-6]|balance-rr|active-backup|balance-xor|broadcast|802\.3ad|balance-tlb|balance-alb)$/,
    wanted: 'a mode from 0 to 6 or its name, such as active-backup or 802.3ad',
  },
  {
    keys: words('bond-miimon bond-updelay bond-downdelay bond-arp-interval bond-min-links'),
    accepts: /^\d+$/,
    wanted: 'a number',
  },
  { keys: ['bond-lacp-rate'], accepts: /^(0|1|slow|fast)$/, wanted: 'slow or fast' },
  {
    keys: ['bond-xmit-hash-policy'],
    accepts: /^([0-5]|layer2|layer2\+3|layer3\+4|encap2\+3|encap3\+4|vlan\+srcmac)$/,
    wanted: 'layer2, layer2+3 or layer3+4',
  },
  { keys: ['bond-primary-reselect'], accepts: /^([0-2]|always|better|failure)$/, wanted: 'always, better or failure' },
];

const badValue: LintCheck = {
  code: 'bad-value',
  severity: 'error',
  find: ({ configs }) =>
    configsOf(configs, 'ifupdown').flatMap(({ file, parsed }) =>
      parsed.ifaces.flatMap(({ options }) =>
        options.flatMap(({ key, value, line }) => {
          const rule = rules.find(({ keys }) => keys.includes(optionName(key)));
          if (rule === undefined || value === '' || value.includes('$') || rule.accepts.test(value)) return [];
          return [about({ path: file.path, line }, `${key}: ${value} is not ${rule.wanted}`, `write ${rule.wanted}`)];
        }),
      ),
    ),
};

/** ifupdown joins the values of an option that comes twice by a new line, and the second ends the command that has the first. */
const single = words('address netmask broadcast gateway metric mtu hwaddress');

const keyTwice: LintCheck = {
  code: 'key-twice',
  severity: 'warning',
  find: ({ configs }) =>
    configsOf(configs, 'ifupdown').flatMap(({ file, parsed }) =>
      parsed.ifaces.flatMap(({ options }) => {
        const firsts = new Map([...options].reverse().map(({ key, line }) => [key, line]));
        return options.flatMap(({ key, line }) => {
          const first = firsts.get(key) ?? line;
          if (first === line || !single.includes(key)) return [];
          const message = `${key} is set in line ${first} already: ifupdown reads neither of the two right`;
          return [about({ path: file.path, line }, message, 'delete one of them, or write a second iface stanza')];
        });
      }),
    ),
};

export const interfaceValueChecks: readonly LintCheck[] = [badValue, keyTwice];
