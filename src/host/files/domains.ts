/** A search in libvirt's own files of domains, which takes no call of libvirt for each. */
import { readdirSync, readFileSync } from 'node:fs';

/** UUIDs of domains: by their definition, and by the state of a running one. */
export interface SearchedDomains {
  readonly defined: readonly string[];
  readonly running: readonly string[];
  /** True if no file has one of the texts. */
  readonly isFree: boolean;
}

/** Of the system daemon of QEMU. Source: libvirt, src/qemu/qemu_conf.c: configDir, stateDir */
const folders = { defined: '/etc/libvirt/qemu', running: '/run/libvirt/qemu' };

/**
 * The domains whose files have none of these texts, in upper or lower case; without domains whose files this user may not read, as only root may.
 * @param texts of letters, digits and colons, such as MAC addresses
 */
export function domainsWithout(texts: readonly string[], { defined, running } = folders): SearchedDomains {
  const wanted = new RegExp(texts.join('|'), 'i');
  let isFree = true;
  const search = (folder: string): readonly string[] =>
    textsIn(folder).flatMap((text) => {
      // The first one: metadata, which may have others, comes behind it.
      const uuid = /<uuid>([0-9a-f-]{36})<\/uuid>/.exec(text)?.[1];
      const isThere = wanted.test(text);
      isFree &&= !isThere;
      return uuid === undefined || isThere ? [] : [uuid];
    });
  return { defined: search(defined), running: search(running), isFree };
}

function textsIn(folder: string): readonly string[] {
  try {
    const files = readdirSync(folder).filter((name) => name.endsWith('.xml'));
    return files.flatMap((name) => {
      try {
        return [readFileSync(`${folder}/${name}`, 'latin1')];
      } catch {
        return []; // it has just been undefined
      }
    });
  } catch {
    return [];
  }
}
