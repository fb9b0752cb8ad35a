/** Events of a host, in sentences. */
import type { Happening, LinkHappening, TimelineEntry } from '../../../records/timeline.ts';
import { printable } from '../../../values/printable.ts';

/** One line: the local time, the source and the sentence. Names of guests and links are text of others. */
export function timelineLine(entry: TimelineEntry): string {
  return `${localTime(new Date(entry.time))}  ${entry.source.padEnd(7)}  ${printable(sentence(entry))}\n`;
}

/** `14:03:07.512` */
export function localTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0');
  return `${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}.${milliseconds}`;
}

/** The event in one sentence; text of guests is not escaped yet. */
export function sentence(happening: Happening): string {
  switch (happening.object) {
    case 'network':
      return `network ${happening.name} ${verb(happening.event)}`;
    case 'domain':
      return `${happening.name} ${verb(happening.event)}${inParentheses(happening.detail)}`;
    case 'device':
      return `${happening.name}: device ${happening.alias} ${deviceVerb(happening.event)}`;
    case 'connection':
      return happening.event === 'lost'
        ? `the connection to ${happening.name} is lost${inParentheses(happening.detail)}: connecting again`
        : `the connection to ${happening.name} is restored`;
    case 'link':
      return linkSentence(happening);
    case 'address':
      return `${happening.name} ${happening.event === 'added' ? 'got' : 'lost'} the address ${happening.address}`;
    case 'lease': {
      const { name, address, mac, hostname, domain, event } = happening;
      const holder = domain ?? hostname;
      const who = `${mac ?? 'a guest'}${inParentheses(holder)}`;
      return event === 'added' ? `${name}: lease ${address} to ${who}` : `${name}: lease ${address} of ${who} ended`;
    }
    case 'timeline':
      return `${String(happening.count)} entries were dropped: the output is read too slowly`;
  }
}

/** libvirt's participles that need an auxiliary in a sentence. */
function verb(event: string): string {
  const isPassive = ['defined', 'undefined', 'suspended'].includes(event);
  if (event === 'shutdown') return 'has shut down';
  if (event === 'pmsuspended') return 'went to sleep';
  return isPassive ? `was ${event}` : event;
}

function deviceVerb(event: string): string {
  return event === 'removal failed' ? 'could not be removed: the guest did not release it' : `was ${event}`;
}

function linkSentence({ name, event, master = '', before, mac, mtu, domain }: LinkHappening): string {
  const link = `${name}${inParentheses(domain)}`;
  switch (event) {
    case 'created':
    case 'deleted':
      return `${link} was ${event}`;
    case 'joined':
    case 'left':
      return `${link} ${event} ${master}`;
    case 'up':
    case 'down':
      return `${link} was set ${event}`;
    case 'carrier':
      return `${link} has a carrier`;
    case 'no carrier':
      return `${link} lost its carrier`;
    case 'renamed':
      return `${String(before)} was renamed to ${link}`;
    case 'mac':
      return `${link} changed its MAC address from ${String(before)} to ${mac ?? 'none'}`;
    case 'mtu':
      return `${link} changed its MTU from ${String(before)} to ${String(mtu)}`;
  }
}

function inParentheses(text: string | undefined): string {
  return text === undefined ? '' : ` (${text})`;
}
