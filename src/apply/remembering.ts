/** A connection that answers a question about one object once, until anything is changed. */
import type { Connection } from '../libvirt/connection.ts';

export interface RememberingConnection extends Connection {
  /** From now on it asks again: the host was changed in another way, or time has passed. */
  readonly forget: () => void;
}

const remembered: readonly string[] = ['getNetwork', 'getDomain'];

/** For a step, which the journal, its verification and the next step read at the same moment. */
export function remembering(connection: Connection): RememberingConnection {
  const answers = new Map<string, Promise<unknown>>();
  const forget = (): void => {
    answers.clear();
  };
  return {
    uri: connection.uri,
    get hung() {
      return connection.hung;
    },
    call: (procedure, ...args) => {
      const answer = (): ReturnType<typeof connection.call<typeof procedure>> => connection.call(procedure, ...args);
      if (!remembered.includes(procedure)) return answer().finally(forget);
      const key = JSON.stringify([procedure, args]);
      const known = (answers.get(key) as ReturnType<typeof answer> | undefined) ?? answer();
      answers.set(key, known);
      return known;
    },
    close: () => connection.close(),
    forget,
  };
}
