/** The environment of a command: the connection, the state, changes with their questions, and the user's options. */
import type { ChangeResult } from '../apply/session.ts';
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { ObserveOptions } from '../observe/observe.ts';
import type { Aside } from '../observe/reader.ts';
import type { Plan, Step } from '../plan/step.ts';
import type { Part, Seen, State, Unreadable } from '../state/state.ts';
import { quoted } from '../values/quoted.ts';
import { unreadableText } from '../state/unreadable.ts';
import type { GlobalOptions } from './global-options.ts';
import { paintFor } from './output/color.ts';
import type { ConfirmOptions } from '../plan/host/guard.ts';
import { printable } from '../values/printable.ts';
import { startProgress, type Progress } from './output/progress.ts';
import type { Session } from './session.ts';
import type { Program, Surroundings } from './surroundings.ts';
import { printPaged } from './output/pager.ts';
import type { Streams } from './output/streams.ts';

/** How much of the host a command looks at. */
export interface ObserveScope<P extends Part = Part> extends Omit<ObserveOptions<P>, 'on' | 'onRun'> {
  /** The command itself shows which of these cannot be read: no warning does. */
  readonly showsUnreadable?: Unreadable['object'];
  /** The host's own links are what it is about: libvirt may be away, and the host may be one that ssh reaches. */
  readonly host?: boolean;
  /** The links of a host that ssh reaches are read too. */
  readonly remoteLinks?: boolean;
  /** The user's options about confirmation, for changes of links. */
  readonly confirm?: ConfirmOptions;
}

/** Links of the host, routes, and who uses them. */
export const hostScope = { host: true, leases: false } as const;

/** Everything that drawings and paths follow, with the VLANs of ports and the namespaces behind cables. */
export const pathScope = { vlans: true, namespaces: true } as const;

/** Milliseconds for libvirt to report who uses a link: a report can do without it, but a change depends on it. */
const linkPatience = { read: 5_000, change: 10_000 };

/** How long to wait for another run, in milliseconds. */
export const lockTimeout = 10_000;

export class Context {
  readonly options: GlobalOptions;
  readonly streams: Streams;
  readonly session: Session;
  readonly program: Program;
  /** The typed command without output options, which identifies a run that resumes after a kill. */
  readonly command: string;
  readonly progress: Progress;
  readonly #inputs: string[] = [];
  #hasChanged = false;

  constructor(options: GlobalOptions, { streams, session, program }: Surroundings, command: string) {
    this.options = options;
    this.streams = streams;
    this.session = session;
    this.program = program;
    this.command = command;
    this.progress = startProgress(streams, !options.quiet && !options.verbose, options.color !== 'never');
  }

  /** A connection for looking, or one for changing; the shell has one for both. An aside has its own. */
  connection(access: 'read' | 'change', aside?: Aside): Promise<Connection> {
    this.progress.hint(`connecting to ${this.options.uri}`);
    return this.session.connection(this.options, access, this.trace.bind(this), aside);
  }

  /** A connection for looking, after warnings about what earlier runs left. */
  async connectionForReport(): Promise<Connection> {
    const [connection, { leftoverWarnings }] = await Promise.all([
      this.connection('read'),
      import('./leftover-warnings.ts'),
    ]);
    this.warn(await leftoverWarnings(connection.uri));
    return connection;
  }

  /** Reads the present state, over a read-only or a read-write connection. */
  async observe<P extends Part = Part>(
    scope: ObserveScope<P> = {},
    access: 'read' | 'change' = 'read',
  ): Promise<Seen<P>> {
    if (scope.host) return this.#observeHost(scope, access);
    const { uri } = this.options;
    const { observe } = await import('../observe/observe.ts');
    const open = async (): Promise<Connection> => {
      const connection = await (access === 'read' ? this.connectionForReport() : this.connection('change'));
      this.progress.hint(`looking at ${uri}`);
      return connection;
    };
    const on = scope.remoteLinks ? (await import('../observe/host-target.ts')).hostTarget(uri) : undefined;
    const state = await observe({ uri, open }, { ...scope, on, onRun: this.traceRun });
    this.warnOfUnreadable(state, scope.showsUnreadable);
    return state;
  }

  /** The host's links, and libvirt's part if it answers; otherwise a warning has the reason. */
  async #observeHost<P extends Part>(scope: ObserveScope<P>, access: 'read' | 'change'): Promise<Seen<P>> {
    const [{ hostTarget }, { observeHostFirst }, { leftoverWarnings }] = await Promise.all([
      import('../observe/host-target.ts'),
      import('../observe/host-first.ts'),
      import('./leftover-warnings.ts'),
    ]);
    const { uri } = this.options;
    const on = hostTarget(uri);
    if (access === 'read') this.warn(await leftoverWarnings(uri));
    const connect = (): Promise<Connection> =>
      this.connection('read', { purpose: 'users of links', patience: linkPatience[access] });
    const { state, libvirtError } = await observeHostFirst({ uri, connect, on, onRun: this.traceRun }, scope);
    this.warnOfUnreadable(state);
    if (libvirtError) this.warn([`cannot determine which networks and VMs use a link: ${libvirtError.message}`]);
    return state;
  }

  readonly traceRun = (command: string, milliseconds: number): void => {
    this.trace(`${command}  ${milliseconds.toFixed(1)} ms`);
  };

  /** Notes the digest of a document that the command reads: with another one, it is not the command that an earlier run broke off. */
  noteInput(digest: string): void {
    this.#inputs.push(digest);
  }

  /** Plans and applies a change; with --dry-run only plans it. */
  async change<P extends Plan, Needed extends Part = Part>(
    makePlan: (state: Seen<Needed>) => P | Promise<P>,
    scope: ObserveScope<Needed> = {},
    watch?: (step: Step, phase: 'begin' | 'done' | 'undo') => void,
  ): Promise<ChangeResult<P>> {
    this.#requirePrintable();
    if (this.options.dryRun) {
      const [state, { completed }] = await Promise.all([this.observe(scope), import('./completed-plan.ts')]);
      const plan = await completed(await makePlan(state), state, this.options.uri, scope.confirm);
      this.warn(plan.warnings);
      return { plan, resumed: false };
    }
    if (this.options.readOnly) {
      throw new KvmnetError('PERMISSION', 'a read-only connection changes nothing', {
        hint: 'leave out -r (--readonly)',
      });
    }
    const opened = scope.host ? undefined : this.connection('change');
    opened?.catch(() => undefined); // the first call reports it
    const [{ change }, { completed }, { leftoverText }, connection] = await Promise.all([
      import('../apply/session.ts'),
      import('./completed-plan.ts'),
      import('./leftover-text.ts'),
      opened ? this.#whileOpening(opened) : this.#hostOnlyConnection(),
    ]);
    const plan = async (): Promise<P> => {
      const state = await this.observe(scope, 'change');
      const made = await completed(await makePlan(state), state, this.options.uri, scope.confirm);
      await this.#requireRights(made);
      this.warn(made.warnings);
      return made;
    };
    try {
      const result = await this.changing((signal) =>
        change(plan, {
          connection,
          opened,
          signal,
          command: this.command,
          inputs: this.#inputs,
          lockTimeout: this.options.timeout ?? lockTimeout,
          withoutLibvirt: scope.host === true,
          ...(this.options.timeout === undefined ? {} : { patience: { guest: this.options.timeout, other: 5_000 } }),
          onWarning: (text) => {
            this.warn([text]);
          },
          onStep: (step, phase) => {
            this.#onStep(step, phase);
            watch?.(step, phase);
          },
          onLeftover: (entry, treatment, changed) => {
            this.say(leftoverText(entry, treatment, changed));
          },
          consent: async (asked) => {
            const { requireConsent } = await import('./terminal/consent.ts');
            await requireConsent(asked, this, signal);
          },
        }),
      );
      if (result.plan.steps.length > 0 && connection.uri.startsWith('test:') && !this.session.isShell)
        this.warn([forgotten(connection.uri)]);
      return result;
    } finally {
      this.progress.stop();
      // A refusal may come first, and only an open connection can be closed.
      await opened?.catch(() => undefined);
    }
  }

  /** Runs what changes the host, and rolls it back on a signal. */
  async changing<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const result = await this.session.interruptible(task);
    this.#hasChanged = true;
    return result;
  }

  /**
   * Prints on stdout. After a change lost output is a warning: what was done is done.
   * @throws BACKEND where it is lost and nothing was changed
   */
  async print(text: string): Promise<void> {
    try {
      await printPaged(text, this.streams, this.session, this.options.pager);
    } catch (error) {
      if (!(this.#hasChanged && error instanceof KvmnetError)) throw error;
      this.warn([error.message]);
    }
  }

  /** Warnings and progress, on stderr; not with --quiet. */
  say(text: string): void {
    this.#tell('', text);
  }

  #tell(label: string, text: string): void {
    if (this.options.quiet) return;
    this.progress.stop();
    this.streams.stderr.write(`${label}${printable(text)}\n`);
  }

  warn(warnings: readonly string[]): void {
    for (const warning of warnings) {
      if (!this.session.isNewWarning(warning)) continue;
      const paint = paintFor(this.options.color, this.streams.stderr);
      this.#tell(`${paint('warning', 'warning:')} `, warning);
    }
  }

  /** Unreadable data is not relied on: a guest may use a network without being listed. */
  warnOfUnreadable({ unreadable = [] }: Pick<State, 'unreadable'>, shown?: Unreadable['object']): void {
    this.warn(unreadable.filter(({ object }) => object !== shown).map(unreadableText));
  }

  trace(line: string): void {
    if (this.options.verbose) this.streams.stderr.write(`${printable(line)}\n`);
  }

  /** Before the first step: libvirt changes networks and guests for its group, but what it has no call for is root's to do. */
  async #requireRights({ steps }: Plan): Promise<void> {
    const { isHostAction } = await import('../plan/actions/rows.ts');
    const repair = steps.find((step) => isHostAction(step.do));
    if (!repair) return;
    const [{ requireRoot }, { isLocal }] = await Promise.all([
      import('../apply/host-only-connection.ts'),
      import('../observe/uri.ts'),
    ]);
    if (isLocal(this.options.uri)) requireRoot(repair.title);
  }

  async #whileOpening(opened: Promise<Connection>): Promise<Connection> {
    const { whileOpening } = await import('../libvirt/connection.ts');
    return whileOpening(this.options.uri, opened);
  }

  /** For changes of the host's own links, which need no libvirt. */
  async #hostOnlyConnection(): Promise<Connection> {
    const { hostOnlyConnection } = await import('../apply/host-only-connection.ts');
    return hostOnlyConnection(this.options.uri);
  }

  /** Before the change: a result that cannot be printed afterwards would look like a failure. */
  #requirePrintable(): void {
    const { format, columns } = this.options;
    if (columns === undefined && format !== 'csv' && format !== 'markdown') return;
    throw new KvmnetError('USAGE', 'a command that changes something prints no table', {
      hint: 'use -o json, -o yaml or -o name',
    });
  }

  #onStep(step: Step, phase: 'begin' | 'done' | 'undo'): void {
    if (phase !== 'done') this.progress.say(phase === 'undo' ? `undoing: ${step.title}` : step.title);
    this.trace(`${phase}: ${step.title}`);
  }
}

/** libvirt's test driver has its objects in the memory of each process. */
function forgotten(uri: string): string {
  return `${uri} is in memory: its changes are lost when this command ends; kvmnet -c ${quoted(uri)} shell keeps them for its commands`;
}
