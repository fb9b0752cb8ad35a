"""Runs commands in turn, A B C A B C ..., each as a process of its own, and prints what each run took, as JSON.

Reads from standard input: {"rounds": 15, "commands": {"NAME": {"run": [ARG, ...], "undo": [ARG, ...]}}}. The first round is not counted.
wall and cpu are milliseconds; cpu counts the process and the processes that it started and waited for; memory is the peak in MiB.
"""
import json
import os
import sys
import time

said = '/run/bench-errors'
# Opened for each run: a program may leave its streams non-blocking.
streams = [
    (os.POSIX_SPAWN_OPEN, 0, '/dev/null', os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
]


def run(args):
    start = time.perf_counter()
    pid = os.posix_spawnp(args[0], args, os.environ, file_actions=streams)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        with open(said, encoding='utf-8', errors='replace') as errors:
            sys.exit(f'{args} ended with status {os.waitstatus_to_exitcode(status)}: {errors.read(2000)}')
    cpu = usage.ru_utime + usage.ru_stime
    return {'wall': wall * 1000, 'cpu': cpu * 1000, 'memory': usage.ru_maxrss / 1024}


asked = json.load(sys.stdin)
runs = {name: [] for name in asked['commands']}
for number in range(asked['rounds'] + 1):
    for name, command in asked['commands'].items():
        taken = run(command['run'])
        if number > 0:
            runs[name].append(taken)
        if command.get('undo'):
            run(command['undo'])
json.dump(runs, sys.stdout)
