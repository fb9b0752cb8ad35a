/** Commands of other tools, and virsh's own, that are typed out of habit -> the kvmnet command to type. */
import { quoted } from '../../values/quoted.ts';
import { otherNames } from '../virsh/other-names.ts';
import { everydayEntries } from '../virsh/strict-registry.ts';

/** The first words of a line, and what does the same. The longest that fits counts. */
const rows: readonly (readonly [typed: string, command: string])[] = [
  ['list', 'vm list'],
  ['version', '--version'],
  ['start', 'vm start VM'],
  ['shutdown', 'vm stop VM'],
  ['destroy', 'vm stop VM --force'],
  ['reboot', 'vm reboot VM'],
  ['suspend', 'vm suspend VM'],
  ['resume', 'vm resume VM'],
  ['autostart', 'vm autostart VM'],
  ['define', 'vm define FILE'],
  ['undefine', 'vm delete VM'],
  ['dumpxml', 'vm xml VM'],
  ['edit', 'vm edit VM'],
  ['dominfo', 'vm show VM'],
  ['brctl', 'bridge list'],
  ['brctl show', 'bridge list'],
  ['brctl showmacs', 'bridge macs BRIDGE'],
  ['brctl addbr', 'bridge create BRIDGE'],
  ['brctl delbr', 'bridge delete BRIDGE'],
  ['brctl addif', 'bridge add-port BRIDGE NIC'],
  ['brctl delif', 'bridge del-port BRIDGE NIC'],
  ['brctl stp', 'bridge stp BRIDGE on'],
  ['brctl showstp', 'bridge show BRIDGE'],
  ['brctl setfd', 'bridge set BRIDGE forward-delay=SECONDS'],
  ['brctl setageing', 'bridge set BRIDGE ageing-time=SECONDS'],
  ['vconfig', 'vlan create NIC ID'],
  ['vconfig add', 'vlan create NIC ID'],
  ['vconfig rem', 'vlan delete NIC ID'],
  ['ifconfig', 'host show'],
  ['route', 'host show'],
  ['ip', 'host show'],
  ['iptables', 'host show'],
  ['nft', 'host show'],
  ['ifenslave', 'bond create BOND NIC...'],
  ['tunctl', 'port create BRIDGE NAME'],
  ['net add', 'net create'],
  ['net remove', 'net delete NET'],
  ['net destroy', 'net stop NET'],
  ['net undefine', 'net delete NET'],
  ['net dumpxml', 'net xml NET'],
  ['net info', 'net show NET'],
  ['vm shutdown', 'vm stop VM'],
  ['vm destroy', 'vm stop VM --force'],
  ['vm info', 'vm show VM'],
  ['vm dumpxml', 'vm xml VM'],
  ['vm undefine', 'vm delete VM'],
  ['bridge add', 'bridge create BRIDGE'],
  ['bridge addbr', 'bridge create BRIDGE'],
  ['bridge delbr', 'bridge delete BRIDGE'],
  ['bridge showmacs', 'bridge macs BRIDGE'],
  ['bridge showstp', 'bridge show BRIDGE'],
  ['bridge addif', 'bridge add-port BRIDGE NIC'],
  ['bridge delif', 'bridge del-port BRIDGE NIC'],
  ['vlan add', 'vlan create NIC ID'],
  ['vlan rem', 'vlan delete NIC ID'],
];

/** Returns the command to type instead, as a hint; undefined for other words. */
export function habitHint(words: readonly string[]): string | undefined {
  const line = words.join(' ');
  const fits = rows.filter(([typed]) => line === typed || line.startsWith(`${typed} `));
  const [first = ''] = words;
  const command = fits.sort(([left], [right]) => right.length - left.length)[0]?.[1];
  const isVirsh = otherNames.has(first) || everydayEntries.some(({ path }) => path[0] === first);
  const ways = [
    ...(command === undefined ? [] : [`kvmnet ${command}`]),
    ...(isVirsh ? [`kvmnet virsh ${words.map(quoted).join(' ')}, as virsh has it`] : []),
  ];
  return ways.length === 0 ? undefined : `type ${ways.join('; or ')}`;
}
