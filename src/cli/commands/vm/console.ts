import { KvmnetError, unlessMissing } from '../../../errors.ts';
import { isLibvirtError } from '../../../libvirt/error.ts';
import type { Connection } from '../../../libvirt/connection.ts';
import type { ProcedureResult } from '../../../libvirt/procedures.ts';
import { suggestion } from '../../../values/nearest.ts';
import { quoted } from '../../../values/quoted.ts';
import { flag, text, typed } from '../../options.ts';
import { withConsole } from '../../console/console.ts';
import { defaultEscape, escapeByte, escapeText } from '../../console/escape.ts';
import type { Context } from '../../context.ts';

export const command = typed({
  arguments: [{ name: '<VM>', description: 'Running domain, by name or UUID', completes: 'domain' }],
  options: {
    device: text('--device <NAME>', 'Alias of a serial or console device, such as serial0 (default: the first)'),
    force: flag('--force', 'Close a console that is open elsewhere'),
    safe: flag('--safe', 'Open it only if libvirt can exclude a second console on the device'),
    escape: text('--escape <KEY>', `Key that leaves the console (default: ${defaultEscape}, Ctrl and ])`),
  },
  description: [
    "Every key goes to the guest, including Ctrl-C, and the guest's output is shown unchanged. Ctrl and ] leave the console; it ends with the guest.",
    '',
    'Without a terminal, standard input is sent to the guest and its output goes to standard output, until the guest stops or a signal arrives; the end',
    'of the input does not end it. --json is not supported.',
  ].join('\n'),
  examples: [
    ['vm console VM1', 'Open its serial console; Ctrl and ] leave it'],
    ['vm console VM1 --device serial1 --force', 'Open another device, even if it is open elsewhere'],
    ['vm console VM1 < /dev/null > VM1.log', "Record the guest's output until it stops"],
  ],
  run(context, [name = ''], { device, force, safe, escape: key = defaultEscape }) {
    const { options, streams } = context;
    if (options.format !== 'table') {
      throw new KvmnetError('USAGE', `vm console prints what the guest writes, and no ${options.format}`);
    }
    const byte = escapeByte(key);
    const wish = { device, force, safe };
    return withConsole(context, async ({ connection, run }) => {
      const domain = await find(connection, name);
      if (options.dryRun) {
        const text = `the console of ${quoted(domain.name)} would be opened`;
        return { value: { domain: domain.name, ...wish }, text };
      }
      const isTyped = streams.stdin.isTTY === true;
      let isOpen = false;
      const greet = (): void => {
        isOpen = true;
        context.say(`connected to ${quoted(domain.name)}${isTyped ? `; ${escapeText(key)} leaves` : ''}`);
      };
      const end = await run({ domain: domain.uuid, ...wish }, byte, greet).catch((error: unknown) => {
        throw isOpen ? brokenOff(error, domain.name) : explained(error, domain.name, wish.device);
      });
      farewell(context, domain.name, isTyped, end === 'closed');
      return { value: undefined, text: '' };
    });
  },
});

/** The guest's last line seldom ends. */
function farewell(context: Context, name: string, isTyped: boolean, isClosed: boolean): void {
  if (context.options.quiet) return;
  if (isTyped) context.streams.stderr.write('\n');
  if (isClosed) context.say(`the console of ${quoted(name)} was closed`);
}

type DomainRecord = ProcedureResult<'getDomain'>;

async function find(connection: Connection, name: string): Promise<DomainRecord> {
  const domain = await unlessMissing(connection.call('getDomain', { domain: name }));
  if (!domain) {
    const names = (await connection.call('listDomainStates')).map((other) => other.name);
    throw new KvmnetError('NOTFOUND', `no domain ${JSON.stringify(name)}`, {
      hint: suggestion(name, names, 'kvmnet vm list shows all domains'),
    });
  }
  if (domain.active) return domain;
  throw new KvmnetError('CONFLICT', `${domain.name} is not running, and so has no console`, {
    hint: `kvmnet vm start ${quoted(domain.name)}`,
  });
}

function brokenOff(error: unknown, name: string): unknown {
  if (!(error instanceof KvmnetError) || error.code === 'INTERRUPTED') return error;
  const { code, message, details } = error;
  const hint =
    code === 'CONNECT' ? undefined : `was it opened elsewhere with --force? kvmnet vm console ${quoted(name)}`;
  return new KvmnetError(code, `the console of ${name} broke off: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    details,
    cause: error,
  });
}

function explained(error: unknown, name: string, device: string | undefined): unknown {
  if (!(error instanceof KvmnetError) || error.code === 'INTERRUPTED') return error;
  const hint = openHint(error, name);
  const what = device === undefined ? `the console of ${name}` : `console ${device} of ${name}`;
  return new KvmnetError(error.code, `cannot open ${what}: ${error.message}`, {
    ...(hint === undefined ? {} : { hint }),
    details: error.details,
    cause: error,
  });
}

function openHint(error: KvmnetError, name: string): string | undefined {
  if (isLibvirtError(error, 'VIR_ERR_OPERATION_FAILED')) {
    return `kvmnet vm console ${quoted(name)} --force closes the other one`;
  }
  const isOfDevice = isLibvirtError(error, 'VIR_ERR_INTERNAL_ERROR', 'VIR_ERR_CONFIG_UNSUPPORTED');
  if (isOfDevice) return `kvmnet virsh dumpxml ${quoted(name)} --xpath '//serial|//console' shows its devices`;
  return error.hint;
}
