// Run after an `npm install` that changed package-lock.json on a machine whose registry lacks the packages of other
// systems (darwin, win32, …): npm leaves optional packages out of the lock when it cannot read them, and then `npm ci`
// refuses the lock on every machine. Adds those entries, without the checksum, which is known only where they are read.
import { readFileSync, writeFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));

/** The systems that a package of binaries is for, as its name tells them: `…-linux-arm64-musl`. */
function systems(name) {
  const os = /-(android|darwin|freebsd|linux|win32|openharmony)\b/.exec(name)?.[1];
  const cpu = /-(arm64|x64|ia32|arm|ppc64|s390x|riscv64|loong64|wasm32)\b/.exec(name)?.[1];
  const libc = /-(gnu|musl)/.exec(name)?.[1];
  return {
    ...(cpu && { cpu: [cpu] }),
    ...(os && { os: [os] }),
    ...(libc && { libc: [libc === 'musl' ? 'musl' : 'glibc'] }),
  };
}

let added = 0;
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (lock.packages[`node_modules/${name}`] || lock.packages[`${path}/node_modules/${name}`]) continue;
    lock.packages[`node_modules/${name}`] = {
      version: version.replace(/^[\^~]/, ''),
      ...(dev && { dev }),
      optional: true,
      ...systems(name),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', JSON.stringify(lock, null, 2) + '\n');
process.stdout.write(`${added} entries added\n`);
