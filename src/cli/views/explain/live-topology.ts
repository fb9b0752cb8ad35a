/** A drawing of the network that follows what happens. */
import { KvmnetError } from '../../../errors.ts';
import { observeNeighbors } from '../../../observe/addresses.ts';
import { keptNat } from '../../../observe/nat.ts';
import { observe } from '../../../observe/observe.ts';
import type { HostWatch } from '../../../observe/watch/host.ts';
import type { TimelineEntry } from '../../../records/timeline.ts';
import { topologyOf } from '../../../topology/build.ts';
import { mark, markChanges } from '../../../topology/changes.ts';
import type { Topology } from '../../../topology/graph.ts';
import { formatText } from '../../../topology/text.ts';
import { printable } from '../../../values/printable.ts';
import type { Context } from '../../context.ts';
import { paintFor } from '../../output/color.ts';
import type { LineStream } from '../../stream.ts';
import { localTime, timelineLine } from './timeline.ts';
import { pageWidth, statusTones } from './topology.ts';

/** Milliseconds that a burst of changes is waited for before the host is read again. */
const burstMs = 300;
/** Entries that are shown below the drawing. */
const shownEntries = 8;
/** The drawing of -t: at a terminal it replaces the one before it. */
export class Drawing {
  readonly #context: Context;
  readonly #host: HostWatch;
  readonly #stream: LineStream;
  #entries: readonly TimelineEntry[] = [];
  #before: Topology | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawn: Promise<void> = Promise.resolve();

  constructor(context: Context, host: HostWatch, stream: LineStream) {
    [this.#context, this.#host, this.#stream] = [context, host, stream];
  }

  add(entry: TimelineEntry): void {
    this.#entries = [...this.#entries, entry].slice(-shownEntries);
    this.#timer ??= setTimeout(() => void this.draw(), burstMs);
  }

  /** Draws what has not been drawn yet. */
  finish(): Promise<void> {
    clearTimeout(this.#timer);
    return this.draw();
  }

  /** One drawing after the other. */
  draw(): Promise<void> {
    this.#timer = undefined;
    return (this.#drawn = this.#drawn.then(() => this.#draw()));
  }

  async #draw(): Promise<void> {
    const topology = await this.#read();
    if (topology === undefined) return;
    const { stdout } = this.#context.streams;
    const paint = paintFor(this.#context.options.color, stdout);
    const isTerminal = stdout.isTTY === true && (stdout.columns ?? 0) > 0;
    const { topology: marked, gone } = markChanges(this.#before ?? topology, topology);
    this.#before = topology;
    const text = formatText(marked, {
      width: isTerminal ? (stdout.columns ?? pageWidth) : pageWidth,
      paint: (status, part) => paint(part.trimStart().startsWith(mark) ? 'good' : statusTones[status], part),
    });
    const below = [
      ...(gone.length === 0 ? [] : [`gone: ${gone.map((name) => printable(name)).join(', ')}\n`]),
      ...this.#entries.map((entry) => timelineLine(entry)),
    ];
    if (!isTerminal) this.#entries = [];
    const clear = isTerminal ? '\u001b[H\u001b[2J' : '';
    this.#stream.print(
      `${clear}${localTime(new Date())}  ${this.#context.options.uri}\n\n${text}\n${below.join('')}\n`,
    );
  }

  /** Undefined while the daemon is away: the drawing stays as it is. */
  async #read(): Promise<Topology | undefined> {
    const { connection } = this.#host;
    const { options, traceRun } = this.#context;
    if (connection === undefined) return undefined;
    try {
      const [state, neighbors] = await Promise.all([
        observe(connection, { onRun: traceRun }),
        observeNeighbors(this.#context),
      ]);
      return topologyOf(state, { nat: keptNat(options.uri), now: Date.now() / 1000, neighbors });
    } catch (error) {
      if (error instanceof KvmnetError) return undefined; // the next change draws it
      throw error;
    }
  }
}
