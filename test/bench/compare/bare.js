// What the one-file executable cannot be faster than: a program compiled as it is, which loads koffi and libvirt, makes the calls that virsh
// makes for one command, and prints the least. Arguments: list | define FILE | attach DOMAIN FILE [all]; `all` reads the XML of every domain
// first, as a search for a MAC address has to.
import { readFileSync, writeSync } from 'node:fs';
import koffi from 'koffi';

const library = koffi.load('libvirt.so.0', { lazy: true });
const declared = (prototype) => library.func(prototype);
const required = (value) => {
  if (value === null || value < 0) process.exit(1);
  return value;
};

const [what, ...words] = process.argv.slice(2);
const open = declared(`void *virConnectOpen${what === 'list' ? 'ReadOnly' : ''}(const char *uri)`);
const connection = required(open('qemu:///system'));

function domains() {
  const out = [null];
  const count = required(
    declared('int virConnectListAllDomains(void *conn, _Out_ void **domains, uint flags)')(connection, out, 0),
  );
  return koffi.decode(out[0], 'void *', count);
}

const commands = {
  list() {
    const nameOf = declared('const char *virDomainGetName(void *domain)');
    writeSync(
      1,
      domains()
        .map((domain) => `${nameOf(domain)}\n`)
        .join(''),
    );
  },
  define([file]) {
    const define = declared('void *virNetworkDefineXML(void *conn, const char *xml)');
    const network = required(define(connection, readFileSync(file, 'utf8')));
    required(declared('int virNetworkSetAutostart(void *network, int autostart)')(network, 1));
    required(declared('int virNetworkCreate(void *network)')(network));
  },
  attach([name, file, all]) {
    if (all === 'all') {
      const xmlOf = declared('char *virDomainGetXMLDesc(void *domain, uint flags)');
      const isFree = domains().every((domain) => !xmlOf(domain, 2).includes('52:54:00:be:ef:99'));
      if (!isFree) process.exit(1);
    }
    const domain = required(declared('void *virDomainLookupByName(void *conn, const char *name)')(connection, name));
    const attach = declared('int virDomainAttachDeviceFlags(void *domain, const char *xml, uint flags)');
    required(attach(domain, readFileSync(file, 'utf8'), 2));
  },
};
commands[what](words);
declared('int virConnectClose(void *conn)')(connection);
