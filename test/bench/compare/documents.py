"""Parses and builds FILE a number of times with Python's XML library, as a script by hand would."""
import sys
import xml.etree.ElementTree as ElementTree

with open(sys.argv[1], encoding='utf-8') as file:
    text = file.read()
for _ in range(int(sys.argv[2])):
    ElementTree.tostring(ElementTree.fromstring(text))
