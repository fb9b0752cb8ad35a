import { KvmnetError } from '../../../errors.ts';
import { isAgentSilent } from '../../../observe/addresses.ts';
import { common, flag, text, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { findVirshDomain } from './domain-arguments.ts';

const sources = ['lease', 'agent', 'arp'] as const;

export const domifaddr: VirshDefinition = {
  options: [
    common.domain,
    text('interface', 'only this one: its tap, or with the agent its name in the guest', { completes: 'nic' }),
    flag('full', 'name and MAC on every line'),
    text('source', 'lease (the default), agent or arp', { completes: sources }),
  ],
  description:
    'With lease it fails as a whole when one NIC is on a network that does not exist, as with virsh; kvmnet vm ip asks every source, and one broken NIC hides no other.',
  examples: [['domifaddr VM1 --source arp', 'the addresses that the host has seen']],
  async run(call) {
    const only = call.text('interface');
    const given = call.text('source') ?? 'lease';
    const source = sources.find((known) => known === given);
    if (source === undefined) {
      throw new VirshError(
        'USAGE',
        `${JSON.stringify(given)} is not a source of addresses`,
        `Unknown data source '${given}'`,
        {
          hint: `one of ${sources.join(', ')}`,
        },
      );
    }
    const connection = await call.connection(source === 'agent' ? 'change' : 'read');
    const { uuid, name } = await findVirshDomain(call, connection);
    const all = await connection.call('domainAddresses', { domain: uuid, source }).catch((error: unknown) => {
      throw source === 'agent' && isAgentSilent(error) ? silentAgent(name, error) : error;
    });
    const shown = all.filter((each) => only === undefined || each.interface === only);
    call.extra(` ${pad('Name', 10)} ${pad('MAC address', 20)} ${pad('Protocol', 8)}     Address\n${'-'.repeat(79)}\n`);
    for (const { interface: device, mac, addresses } of shown) {
      if (addresses.length === 0) call.print(line(device, mac ?? 'N/A', `${pad('N/A', 12)} N/A`));
      addresses.forEach(({ family, address, prefix }, index) => {
        const told = `${pad(family, 12)} ${address}/${String(prefix)}`;
        call.print(index === 0 || call.given('full') ? line(device, mac ?? '', told) : line('-', '-', told));
      });
    }
    return shown;
  },
};

function silentAgent(domain: string, cause: unknown): KvmnetError {
  return new KvmnetError('TIMEOUT', `the guest agent of ${domain} did not answer`, {
    cause,
    hint: `check qemu-guest-agent in the guest; kvmnet vm ip ${domain} shows the addresses that the host knows`,
  });
}

function line(name: string, mac: string, told: string): string {
  return ` ${pad(name, 10)} ${pad(mac, 17)}    ${told}\n`;
}

/** As C's printf fills up: by bytes. */
function pad(value: string, width: number): string {
  return value + ' '.repeat(Math.max(0, width - Buffer.byteLength(value)));
}
