/** `virsh console`: a domain's serial console at this terminal. */
import { defaultEscape, escapeByte, escapeText } from '../../console/escape.ts';
import { withConsole } from '../../console/console.ts';
import { common, flag, text, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { findDomainRecord } from './domain-arguments.ts';

export const console: VirshDefinition = {
  options: [
    common.domain,
    text('devname', 'character device name'),
    flag('force', 'force console connection (disconnect already connected sessions)'),
    flag('safe', 'only connect if safe console handling is supported'),
  ],
  isPartial: true,
  examples: [
    ['virsh console VM1', 'its first console; Ctrl and ] leave it'],
    ['virsh -e ^X console VM1', 'another key leaves it'],
  ],
  run: (call) =>
    withConsole(call.context, async ({ connection, run }) => {
      const { name, uuid, state } = await findDomainRecord(call, connection);
      if (state === 'shut off') throw refusal('CONFLICT', 'The domain is not running');
      if (call.context.streams.stdin.isTTY !== true) {
        throw refusal('USAGE', 'Cannot run interactive console without a controlling TTY', {
          hint: `kvmnet vm console ${name} takes other input too`,
        });
      }
      const escape = call.escape ?? defaultEscape;
      call.extra(`Connected to domain '${name}'\nEscape character is ${escapeText(escape)}\n`);
      const wish = { device: call.text('devname'), force: call.given('force'), safe: call.given('safe') };
      const end = await run({ domain: uuid, ...wish }, escapeByte(escape));
      return { domain: name, end };
    }),
};

function refusal(code: 'CONFLICT' | 'USAGE', line: string, context: { readonly hint?: string } = {}): VirshError {
  return new VirshError(code, line, line, context);
}
