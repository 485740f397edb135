#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: dirq.py submit DIR SECONDS       dirq.py bulk DIR N
       dirq.py claim DIR N             dirq.py cycle DIR SECONDS PROCESSES NOOP

python3-dirq, which syncs nothing: here each element is synced after it was
added, file and directory, as it is in a spool; in bulk, all by one call.
"""
import ctypes
import os
import subprocess
import sys
import time

from dirq.QueueSimple import QueueSimple

TEXT = """{
  "package": "benchmarked",
  "suite": "testing",
  "arch": "amd64",
  "triggers": [
    "glibc/2.37-12"
  ],
  "requester": "britney",
  "submit-time": "2026-11-24T10:13:41Z"
}
"""


def sync(path):
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def add(queue):
    element = queue.add(TEXT)
    sync(os.path.join(queue.path, element))
    sync(os.path.join(queue.path, os.path.dirname(element)))


def submit(queue, seconds):
    start, n = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        add(queue)
        n += 1
    return n / (time.monotonic() - start)


def bulk(queue, wanted):
    start = time.monotonic()
    for _ in range(wanted):
        queue.add(TEXT)
    fd = os.open(queue.path, os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).syncfs(fd) != 0:
        raise OSError(ctypes.get_errno(), 'syncfs')
    os.close(fd)
    return wanted / (time.monotonic() - start)


def take(queue):
    """Another may be faster; but there is one for each who has added one."""
    while True:
        name = queue.first()
        while name:
            if queue.lock(name):
                return name
            name = queue.next()


def claim(queue, wanted):
    for _ in range(wanted):
        queue.add(TEXT)
    start, n = time.monotonic(), 0
    name = queue.first()
    while name:
        n += queue.lock(name)
        name = queue.next()
    return n / (time.monotonic() - start)


def cycles(path, seconds, noop, output):
    queue = QueueSimple(path)
    os.makedirs(output, exist_ok=True)
    start, n = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        add(queue)
        name = take(queue)
        subprocess.run([noop, '--output-dir=' + output, 'bench'], check=True)
        queue.remove(name)
        n += 1
    return n


def cycle(path, seconds, processes, noop):
    start, n, pipes = time.monotonic(), 0, []
    for i in range(processes):
        reading, writing = os.pipe()
        if os.fork() == 0:
            n = cycles(path, seconds, noop, '%s.output.%d' % (path, i))
            os.write(writing, b'%d\n' % n)
            os._exit(0)
        os.close(writing)
        pipes.append(reading)
    for reading in pipes:
        n += int(os.read(reading, 64))
    return n / (time.monotonic() - start)


def main(what, path, much, *more):
    if what == 'cycle':
        rate = cycle(path, float(much), int(more[0]), more[1])
    elif what == 'submit':
        rate = submit(QueueSimple(path), float(much))
    else:
        rate = {'bulk': bulk, 'claim': claim}[what](QueueSimple(path),
                                                    int(much))
    print('rate %.6g' % rate)


main(*sys.argv[1:])
