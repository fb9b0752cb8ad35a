/**
 * `npm run test:profile [-- ARGUMENT OF test/run...]`: runs tests, and prints as Markdown where their time goes, by level and by file. Wall
 * time is the file's; the rest is processor time, but for waiting.
 *
 * Programs are looked at four times a second, which is often enough for programs that stay; the time of a short program is counted by its parent
 * when it ends (proc(5), cutime and cstime), and the number of programs by test/helpers/host.ts.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(`${tmpdir()}/kvmnet-profile-`);
const tick = 10;

/** What a process is, by its command line; a parent of short programs has these in a column of their own. */
const kinds = [
  { kind: 'guests', pattern: /^\S*qemu-system-/ },
  { kind: 'machines', pattern: /^\S*machine\.\w+\/linux / },
  { kind: 'libvirtd', pattern: /^\S*libvirtd /, children: 'libvirtd' },
  { kind: 'kvmnet', pattern: /^\S*node .*resident\/process\.js/, children: 'kvmnet' },
  { kind: 'jest', pattern: /^\S*node .*processChild\.js/, children: 'programs' },
];
const columns = ['jest', 'kvmnet', 'programs', 'libvirtd', 'guests', 'machines'];

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}

/** All processes of this machine, those in namespaces included. */
function processes() {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return new Map(
    pids.flatMap((pid) => {
      const stat = read(`/proc/${pid}/stat`);
      if (stat === '') return [];
      const [, parent, ...rest] = stat
        .replace(/^.*\) /s, '')
        .split(' ')
        .map(Number);
      const [own, children] = [rest[9] + rest[10], rest[11] + rest[12]].map((ticks) => ticks * tick);
      return [[Number(pid), { parent, own, children, start: rest[17] }]];
    }),
  );
}

/** FILE -> column -> milliseconds. */
const spent = new Map();
const known = new Map();

function add(file, column, milliseconds) {
  const row = spent.get(file) ?? {};
  row[column] = (row[column] ?? 0) + milliseconds;
  spent.set(file, row);
}

/** The slot that a process belongs to: its own, or the slot of an ancestor; libvirt gives guests an environment without it. */
function slotOf(pid, all) {
  for (let at = pid; at > 1; at = all.get(at)?.parent ?? 0) {
    const [, slot] = /(?:^|\0)JEST_WORKER_ID=(\d+)\0/.exec(read(`/proc/${at}/environ`)) ?? [];
    if (slot !== undefined) return slot;
  }
  return undefined;
}

const slots = new Map();

function look() {
  const now = processes();
  const fileOf = (pid) => {
    const key = `${pid} ${now.get(pid).start}`;
    if (!slots.has(key)) slots.set(key, slotOf(pid, now));
    return slots.get(key) && read(`${folder}/slot-${slots.get(key)}`);
  };
  for (const [pid, { own, children, start }] of now) {
    const file = fileOf(pid);
    if (!file) continue;
    const line = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
    const is = kinds.find(({ pattern }) => pattern.test(line));
    if (!is) continue;
    const before = known.get(`${pid} ${start}`) ?? { own: 0, children: 0 };
    known.set(`${pid} ${start}`, { own, children });
    add(file, is.kind, own - before.own);
    if (is.children) add(file, is.children, children - before.children);
  }
}

const watch = setInterval(look, 250);
const run = spawn(`${root}/test/run`, process.argv.slice(2), {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, TEST_PROFILE: folder },
});
run.once('close', (status) => {
  clearInterval(watch);
  print();
  rmSync(folder, { recursive: true });
  process.exitCode = status ?? 1;
});

function print() {
  const notes = read(`${folder}/notes`)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const files = new Map();
  for (const note of notes) {
    const file = files.get(note.file) ?? { wall: 0, kvmnet: 0, resident: 0, virsh: 0, other: 0, waiting: 0 };
    if (note.wall !== undefined) file.wall = note.wall;
    else if (note.wait !== undefined) file.waiting += note.milliseconds;
    else file[{ kvmnet: 'kvmnet', 'kvmnet (resident)': 'resident', virsh: 'virsh' }[note.program] ?? 'other'] += 1;
    files.set(note.file, file);
  }
  const rows = [...files].map(([path, file]) => {
    const short = relative(`${root}/test`, path);
    const used = spent.get(path) ?? {};
    return [short, { ...file, used }];
  });
  const levels = group(rows);
  const head = ['', 'wall', ...columns, 'waiting', 'kvmnet', 'resident', 'virsh', 'others'];
  const seconds = (milliseconds) => (milliseconds / 1000).toFixed(1);
  const row = (name, all) => {
    const sum = (of) => all.reduce((total, [, each]) => total + (of(each) ?? 0), 0);
    const used = columns.map((column) => seconds(sum(({ used }) => used[column])));
    const counts = ['kvmnet', 'resident', 'virsh', 'other'].map((key) => sum((each) => each[key]));
    return [name, seconds(sum(({ wall }) => wall)), ...used, seconds(sum(({ waiting }) => waiting)), ...counts];
  };
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const table = (body) => [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...body.map(line)];
  const byTime = rows.sort(([, a], [, b]) => b.wall - a.wall).map((each) => row(each[0], [each]));
  console.log(
    ['', ...table([...levels].map(([level, all]) => row(`**${level}**`, all))), '', ...table(byTime)].join('\n'),
  );
}

function group(rows) {
  const groups = new Map();
  for (const each of rows) {
    const level = each[0].split('/')[0];
    groups.set(level, [...(groups.get(level) ?? []), each]);
  }
  return groups;
}
