/** The name servers that systemd-resolved asks over one link. Source: resolvectl(1) */
import { setTimeout as sleep } from 'node:timers/promises';
import { isInstalled } from '../programs.ts';
import { run, type RunOptions } from '../run.ts';

export interface DnsScope {
  readonly servers: readonly string[];
  /** `~.` is every domain. */
  readonly domains: readonly string[];
  readonly isDefault: boolean;
}

/** Returns the settings of a link; undefined if it has none, or systemd-resolved is not running. */
export async function readDnsScope(dev: string, options: RunOptions = {}): Promise<DnsScope | undefined> {
  if (!options.on && !isInstalled('resolvectl')) return undefined;
  try {
    const [servers = [], domains = [], route = []] = await Promise.all(
      ['dns', 'domain', 'default-route'].map(async (verb) => words(await run('resolvectl', [verb, dev], options))),
    );
    if (servers.length === 0 && domains.length === 0) return undefined;
    return { servers, domains, isDefault: route[0] === 'yes' };
  } catch {
    return undefined; // it does not run, or knows no such link
  }
}

/**
 * Sets all settings of a link; undefined removes them. When a link leaves a bridge, the kernel reports that the port is gone,
 * and systemd-resolved forgets the settings of the link: that may happen after this call, so the settings are read back.
 */
export async function writeDnsScope(dev: string, scope: DnsScope | undefined, options: RunOptions = {}): Promise<void> {
  const { isDeepStrictEqual } = process.getBuiltinModule('node:util');
  for (let tries = 3; tries > 0; tries -= 1) {
    await write(dev, scope, options);
    await sleep(hearsay);
    if (isDeepStrictEqual(await readDnsScope(dev, options), scope)) return;
  }
}

/** Milliseconds until systemd-resolved has received the kernel's messages. */
const hearsay = 100;

async function write(dev: string, scope: DnsScope | undefined, options: RunOptions): Promise<void> {
  if (!scope) {
    await run('resolvectl', ['revert', dev], options);
    return;
  }
  const none = (list: readonly string[]): readonly string[] => (list.length === 0 ? [''] : list);
  await run('resolvectl', ['dns', dev, ...none(scope.servers)], options);
  await run('resolvectl', ['domain', dev, ...none(scope.domains)], options);
  await run('resolvectl', ['default-route', dev, scope.isDefault ? 'yes' : 'no'], options);
}

/** `Link 2 (eth0): 192.0.2.53 2001:db8::53` */
function words(line: string): readonly string[] {
  const [, list = ''] = /^Link \d+ \(.*?\):(.*)$/s.exec(line.trim()) ?? [];
  return list.split(/\s+/).filter((word) => word !== '');
}
