/**
 * The managers of network devices, asked what they refuse: netplan's generator, ifup, NetworkManager and systemd-networkd, unpacked and not
 * installed, in namespaces of their own.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { labCache } from '../lab.ts';
import { must } from '../host.ts';

interface Judge {
  /** Where the file with this text stands below a root directory. */
  readonly path: (text: string) => string;
  readonly mode: number;
  /** Bash, with the folder of all roots in `$folder`: writes `$root/said`, or one `$folder/log` about all files. */
  readonly script: string;
  /** Of a judge that reads all files at once: where they stand below `$folder`, by their numbers, and what is put behind the text. */
  readonly together?: (text: string, number: number) => { readonly path: string; readonly end?: string };
  /** The log's messages on each file that it has refused, or on lines of it, by their numbers. */
  readonly refusals?: (log: string) => ReadonlyMap<number, readonly string[]>;
}

const managers = `${labCache}/managers`;
const libraries = `export LD_LIBRARY_PATH=$(echo ${managers}/usr/lib/*-linux-gnu)`;

/** One after the other: `ask ROOT` ends with 0 where its file is taken, and what it prints is kept. */
const each = (ask: string): string => `${ask}
for root in "$folder"/[0-9]*; do (ask "$root") >"$root/said" 2>&1; echo $? >"$root/status"; done`;

/** Runs a program until its log has these words; the test does not need the rest of its run. */
const until = (words: string, command: string): string => `${command} >"$folder/now" 2>&1 &
for _ in $(seq 600); do grep -q '${words}' "$folder/now" && break; sleep 0.1; done
grep '${words}' "$folder/now" || { cat "$folder/now" >&2; exit 1; }
kill -9 $!; cat "$folder/now" >>"$folder/log"`;

/** systemd-networkd accepts these, and reports how it reads them, or values that only other files could give. */
const remarks =
  /without prefix length|deprecated|without static address configured|may cause a delay|could not be found|Duplicated address|For historical reasons|already configured by/;

/** NetworkManager takes these. */
const leftOut = /missing prefix length for \S+ '[^']|deprecated semicolon/;

function groupBy(
  lines: readonly string[],
  numberOf: (line: string) => string | undefined,
): ReadonlyMap<number, readonly string[]> {
  const groups = new Map<number, string[]>();
  for (const line of lines) {
    const number = numberOf(line);
    if (number !== undefined) groups.set(Number(number), [...(groups.get(Number(number)) ?? []), line]);
  }
  return groups;
}

const judges = {
  netplan: {
    path: () => '/etc/netplan/50-kvm.yaml',
    mode: 0o600,
    script: `${libraries}\n${each(`ask() { ${managers}/usr/libexec/netplan/generate --root-dir "$1"; }`)}`,
  },
  // Stanzas that nothing brings up at boot are asked for by name.
  ifupdown: {
    path: () => '/etc/network/interfaces',
    mode: 0o600,
    script: each(`ifup() { ${managers}/usr/sbin/ifup --no-act --interfaces="$file" "$@"; }
ask() {
  file=$1/etc/network/interfaces
  ifup --all && ifup --all --allow=hotplug && for name in $(awk '$1 == "iface" && NF > 1 { print $2 }' "$file"); do ifup "$name" || exit 1; done
}`),
  },
  // Devices first, and then networks without them: the messages on one file must not depend on another. It
  // runs as a user of its own.
  'systemd-networkd': {
    path: (text) => `/etc/systemd/network/10-lab.${text.includes('[NetDev]') ? 'netdev' : 'network'}`,
    mode: 0o644,
    together: (text, number) => ({
      path: text.includes('[NetDev]') ? `netdev/${number}.netdev` : `network/${number}.network`,
    }),
    script: `mkdir -p /run/systemd/network; chmod go+rx "$folder"/network "$folder"/netdev
for own in {/etc,/usr/lib,/lib}/systemd/network; do [[ ! -d $own ]] || mount -t tmpfs none "$own"; done
networkd=${managers}/usr/lib/systemd/systemd-networkd; [[ -x $networkd ]] || networkd=/lib/systemd/systemd-networkd
for kind in netdev network; do
  mount --bind "$folder/$kind" /run/systemd/network
  ${until('Enumeration completed', 'SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=info "$networkd"')}
done`,
    refusals: (log) =>
      groupBy(
        log.split('\n').filter((line) => !remarks.test(line)),
        (line) => /\/run\/systemd\/network\/(\d+)\./.exec(line)?.[1],
      ),
  },
  // It runs without D-Bus. Its messages on parts of a profile have no file name: the section after the text
  // identifies it.
  NetworkManager: {
    path: () => '/etc/NetworkManager/system-connections/lab.nmconnection',
    mode: 0o600,
    together: (_text, number) => ({ path: `profiles/${number}.nmconnection`, end: `\n[end-${number}]\n` }),
    script: `${libraries}
mkdir -p /run/NetworkManager /run/none; mount -t sysfs none /sys
printf '[main]\nplugins=keyfile\n[keyfile]\npath=%s/profiles\n' "$folder" >/run/NetworkManager.conf
${until(
  'dhcp: init',
  `${managers}/usr/sbin/NetworkManager --configure-and-quit=initrd --debug --log-level=INFO --config=/run/NetworkManager.conf \
  --config-dir=/run/none --system-config-dir=/run/none --intern-config=/run/intern.conf --state-file=/run/state --pid-file=/run/pid`,
)}`,
    refusals: (log) => {
      const lines = log.split('\n').filter((line) => line.includes('keyfile: ') && line.startsWith('<warn>'));
      const numbers = lines.map((line) =>
        /invalid setting name 'end-(\d+)'|profiles\/(\d+)\.nmconnection"/.exec(line)?.slice(1),
      );
      return groupBy(
        lines.flatMap((line, index) => {
          const [end, refused] = numbers.slice(index).find((each) => each !== undefined) ?? [];
          return numbers[index]?.[0] || leftOut.test(line) ? [] : [`${end ?? refused}: ${line}`];
        }),
        (line) => /^\d+/.exec(line)?.[0],
      );
    },
  },
} satisfies Readonly<Record<string, Judge>>;

export type JudgeName = keyof typeof judges;

/** A file with its manager's word on it. */
export interface Judged {
  readonly text: string;
  /** The root directory that it is below. */
  readonly root: string;
  readonly isRefused: boolean;
  readonly said: string;
}

/** Writes each text as a manager's file below a root directory of its own in `folder`, and asks that manager about all of them. */
export async function judge(name: JudgeName, texts: readonly string[], folder: string): Promise<readonly Judged[]> {
  const { path, mode, script, together, refusals }: Judge = judges[name];
  const files = texts.map((text, number) => ({ text, number, root: `${folder}/${number}` }));
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode });
  };
  for (const { text, number, root } of files) {
    await write(`${root}${path(text)}`, text);
    const all = together?.(text, number);
    if (all) await write(`${folder}/${all.path}`, text + (all.end ?? ''));
  }
  await writeFile(`${folder}/judge.sh`, `folder=${folder}\nmount -t tmpfs none /run\nip link set lo up\n${script}`);
  await must('unshare', ['--mount', '--net', 'bash', `${folder}/judge.sh`], { seconds: 600 });
  const refused = refusals?.(await readFile(`${folder}/log`, 'utf8'));
  return Promise.all(
    files.map(async ({ text, number, root }) => {
      if (!refused) {
        const isRefused = (await readFile(`${root}/status`, 'utf8')).trim() !== '0';
        return { text, root, isRefused, said: await readFile(`${root}/said`, 'utf8') };
      }
      return { text, root, isRefused: refused.has(number), said: refused.get(number)?.join('\n') ?? '' };
    }),
  );
}
