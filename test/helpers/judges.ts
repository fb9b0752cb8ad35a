/** The managers of network devices, asked what they refuse: netplan's generator and ifup, unpacked and not installed, in namespaces of their own. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { labCache } from './lab.ts';
import { must } from './host.ts';

interface Judge {
  /** Where its file stands below a root directory. */
  readonly path: string;
  /** Bash: ends with 0 where the file below "$1" is taken; what it prints is kept. */
  readonly script: string;
}

const managers = `${labCache}/managers`;

const judges = {
  netplan: {
    path: '/etc/netplan/50-kvm.yaml',
    script: `LD_LIBRARY_PATH=$(echo ${managers}/usr/lib/*-linux-gnu) ${managers}/usr/libexec/netplan/generate --root-dir "$1"`,
  },
  // Stanzas that nothing brings up at boot are asked for by name.
  ifupdown: {
    path: '/etc/network/interfaces',
    script: `ifup() { ${managers}/usr/sbin/ifup --no-act --interfaces="$file" "$@"; }
file=$1/etc/network/interfaces
ifup --all && ifup --all --allow=hotplug && for name in $(awk '$1 == "iface" && NF > 1 { print $2 }' "$file"); do ifup "$name" || exit 1; done`,
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

/** Writes each text as a manager's file below a root directory of its own, and asks that manager about all of them. */
export async function judge(name: JudgeName, texts: readonly string[], folder: string): Promise<readonly Judged[]> {
  const { path, script } = judges[name];
  const roots = texts.map((_, index) => `${folder}/${name}-${index}`);
  for (const [index, root] of roots.entries()) {
    await mkdir(dirname(`${root}${path}`), { recursive: true });
    await writeFile(`${root}${path}`, texts[index]!, { mode: 0o600 });
  }
  await writeFile(`${folder}/${name}.sh`, script);
  const all = `mount -t tmpfs none /run
for root in ${folder}/${name}-*; do bash ${folder}/${name}.sh "$root" >"$root/said" 2>&1; echo $? >"$root/status"; done`;
  await must('unshare', ['--mount', '--net', 'bash', '-c', all], { seconds: 600 });
  return Promise.all(
    roots.map(async (root, index) => ({
      text: texts[index]!,
      root,
      isRefused: (await readFile(`${root}/status`, 'utf8')).trim() !== '0',
      said: await readFile(`${root}/said`, 'utf8'),
    })),
  );
}
