import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../../libvirt/connection.ts';
import type { EventRecord } from '../../../libvirt/records.ts';
import { suggestion } from '../../../values/nearest.ts';
import { flag, number, text, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { findNetwork } from '../find.ts';

type NetworkEvent = Extract<EventRecord, { object: 'network' }>;

const types = ['lifecycle'];

export const netEvent: VirshDefinition = {
  options: [
    text('network', 'only events of this network, by name or UUID', { completes: 'network' }),
    text('event', 'the kind of events to wait for', { completes: types }),
    flag('loop', 'wait for more than one, until --timeout or Ctrl-C'),
    number('timeout', 'seconds to wait'),
    flag('list', 'print the kinds of events'),
    flag('timestamp', 'print the time of each event'),
  ],
  description:
    'Exit status 1 where no event came. A network that does not exist is refused; virsh then waits for events of all.',
  examples: [
    ['net-event --event lifecycle --loop', 'prints what happens to networks until Ctrl-C'],
    ['net-event default lifecycle --timeout 60', 'waits a minute for something to happen to one'],
  ],
  async run(call) {
    if (call.given('list')) {
      types.forEach((type) => {
        call.print(`${type}\n`);
      });
      return types;
    }
    const type = call.text('event');
    if (type === undefined)
      throw new VirshError('USAGE', '--event is missing', 'either --list or --event <type> is required', {
        hint: 'use --event lifecycle, or --list',
      });
    if (!types.includes(type)) {
      throw new VirshError(
        'USAGE',
        `${type} is not a kind of event that kvmnet waits for`,
        `unknown event type ${type}`,
        {
          hint: suggestion(type, types, 'net-event --list prints them'),
        },
      );
    }
    const seconds = call.number('timeout', 1, 2_147_483);
    const connection = await call.connection('read');
    const uuid = call.given('network') ? (await findNetwork(call, connection)).uuid : undefined;
    const events = await listen(call, uuid, seconds);
    call.print(`events received: ${String(events.length)}\n`);
    if (events.length === 0) throw new VirshError('TIMEOUT', 'no event came', '');
    return events;
  },
};

/** Prints events until the first, with --loop until the end of the time or Ctrl-C. */
async function listen(call: VirshCall, uuid: string | undefined, seconds: number | undefined): Promise<NetworkEvent[]> {
  const events: NetworkEvent[] = [];
  const done = new AbortController();
  const loop = call.given('loop');
  const onEvent = (event: EventRecord): void => {
    if (event.object !== 'network' || (uuid !== undefined && event.uuid !== uuid)) return;
    if (!loop && events.length > 0) return;
    events.push(event);
    call.print(eventLine(event, call.given('timestamp')));
    if (!loop) done.abort();
  };
  // The reader has closed the pipe, as `| head` does.
  const onLost = (): void => {
    done.abort();
  };
  const { stdout } = call.context.streams;
  stdout.on('error', onLost);
  const connection = await connect(call.context.options.uri, { readOnly: call.context.options.readOnly, onEvent });
  call.context.progress.stop();
  try {
    const end = await call.context.session.interruptible((signal) => ended(seconds, done.signal, signal), {
      rollsBack: false,
    });
    if (end !== 'done') call.print(`event loop ${end}\n`);
  } finally {
    stdout.off('error', onLost);
    await connection.close();
  }
  return events;
}

/** Without a timeout it waits again after the longest time that a timer can have, 24 days. */
const maxTimerMs = 2_147_483_647;

async function ended(
  seconds: number | undefined,
  done: AbortSignal,
  interrupt: AbortSignal,
): Promise<'done' | 'interrupted' | 'timed out'> {
  try {
    do
      await sleep(seconds === undefined ? maxTimerMs : seconds * 1000, undefined, {
        signal: AbortSignal.any([done, interrupt]),
      });
    while (seconds === undefined);
    return 'timed out';
  } catch (error) {
    if (interrupt.aborted) return 'interrupted';
    if (done.aborted) return 'done';
    throw error;
  }
}

function eventLine({ name, event }: NetworkEvent, timestamp: boolean): string {
  const time = timestamp ? `${new Date().toISOString().replace('T', ' ').replace('Z', '+0000')}: ` : '';
  return `${time}event 'lifecycle' for network ${name}: ${event.slice(0, 1).toUpperCase()}${event.slice(1)}\n`;
}
