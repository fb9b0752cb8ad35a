"""What a user would write with python3-libvirt: a table of the NICs of all domains. With `calls` only libvirt's calls for it."""
import sys
import xml.etree.ElementTree as ElementTree

import libvirt

connection = libvirt.openReadOnly('qemu:///system')
for domain in connection.listAllDomains():
    document = domain.XMLDesc()
    inactive = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) if domain.isActive() else document
    if 'calls' in sys.argv:
        continue
    for nic in ElementTree.fromstring(document).findall('devices/interface'):
        source, target, model = nic.find('source'), nic.find('target'), nic.find('model')
        print(
            domain.name(),
            '-' if target is None else target.get('dev'),
            nic.get('type'),
            '-' if source is None else ' '.join(source.attrib.values()),
            '-' if model is None else model.get('type'),
            nic.find('mac').get('address'),
        )
