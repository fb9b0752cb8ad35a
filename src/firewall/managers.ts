/** Programs that keep the rules of a host, and have commands for changes: rules that others add to theirs may get lost. */
import type { Forward } from '../records/nat.ts';
import { formatIp } from '../values/address.ts';
import { formatPorts } from '../values/forward.ts';
import type { Packet } from './packet.ts';
import type { Chain, Table } from './ruleset.ts';

/** True for firewalld's table: since 2.1 the kernel lets no other program change it, and a reload replaces it. */
export function isOfFirewalld({ tool, name }: Table): boolean {
  return tool === 'nft' && name === 'firewalld';
}

/** True for ufw's chains, and for chains that call them, whose policies are ufw's. `ufw disable` leaves its chains, but empty. */
export function isOfUfw({ name, rules }: Chain, { chains }: Table): boolean {
  const own = chains.filter((chain) => /^ufw6?-/.test(chain.name) && chain.rules.length > 0).map((chain) => chain.name);
  return own.includes(name) || rules.some(({ effect }) => effect.kind === 'jump' && own.includes(effect.chain));
}

/**
 * Returns the command by which ufw admits a flow that the host forwards.
 * @param packet its first one, translated. ufw lets answers pass itself
 * @see ufw(8), "route"
 */
export function ufwCommand({ protocol, destination, destinationPort, inDevice, outDevice }: Packet): string {
  const devices = [...(inDevice ? ['in on', inDevice] : []), ...(outDevice ? ['out on', outDevice] : [])];
  const port = destinationPort === undefined ? [] : ['port', String(destinationPort)];
  const words = [...devices, 'to', formatIp(destination), ...port, 'proto', protocol];
  return `ufw route allow ${words.join(' ')}`;
}

/**
 * Returns the commands by which firewalld admits the connections of a forward. With StrictForwardPorts it accepts translated packets only
 * of ports that it forwards itself.
 * @param table firewalld's own
 * @param inDevice where the connections arrive, which decides about the zone
 * @see firewalld.conf(5), firewalld.richlanguage(5)
 */
export function firewalldCommands(
  { family, protocol, ports, target }: Forward,
  table: Table,
  inDevice: string | undefined,
): readonly string[] {
  const zone = zoneOf(table, inDevice);
  const last = target.port + ports[1] - ports[0];
  const to = `to-port="${formatPorts([target.port, last])}" to-addr="${target.address}"`;
  const rule = `rule family="${family}" forward-port port="${formatPorts(ports)}" protocol="${protocol}" ${to}`;
  return [
    `firewall-cmd --permanent${zone === undefined ? '' : ` --zone=${zone}`} --add-rich-rule='${rule}'`,
    'firewall-cmd --reload',
  ];
}

/** firewalld sends packets to the chains of the zone of their device; the last zone is for all other devices. */
function zoneOf({ chains }: Table, inDevice: string | undefined): string | undefined {
  const { rules = [] } = chains.find(({ name }) => /^nat_PREROUTING_(POLICIES|ZONES)$/.test(name)) ?? {};
  for (const { conditions, effect } of rules) {
    const [, zone] = 'chain' in effect ? (/^nat_PRE_(?!policy_)(.+)$/.exec(effect.chain) ?? []) : [];
    const isMet = conditions.every((each) => each.on === 'inDevice' && each.names.some((name) => name === inDevice));
    if (zone !== undefined && isMet) return zone;
  }
  return undefined;
}
