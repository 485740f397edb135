#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: report.py ABOUT SAMPLES JSON [PAGE]

Takes the medians of the samples, lines "KEY NAME VALUE ROUND", and sets each
beside what it is compared with, and beside its target.  Prints a table, writes
JSON, and puts the table between the markers of PAGE.
"""
import json
import re
import statistics
import sys

BARE = 'the bare system calls'
PEERS = [('beanstalkd', 'beanstalkd, log synced for each'),
         ('rabbitmq', 'RabbitMQ, durable, confirmed'),
         ('dirq', 'python3-dirq, synced by the bench'),
         ('nq', 'nq, synced by the bench')]


class Figures:
    """The samples of each round, and what is made of them."""

    def __init__(self, path):
        self.rounds = {}
        with open(path, encoding='ascii') as lines:
            for line in lines:
                key, name, value, number_ = line.split()
                self.rounds.setdefault((key, name), {})[number_] = float(value)

    def all(self, key, name):
        return list(self.rounds.get((key, name), {}).values())

    def median(self, key, name):
        values = self.all(key, name)
        return statistics.median(values) if values else None

    def ratio(self, one, other):
        """The median of the ratios in each round, where both were measured
        one right after the other."""
        ones, others = self.rounds.get(one, {}), self.rounds.get(other, {})
        ratios = [ones[r] / others[r] for r in ones if others.get(r)]
        return statistics.median(ratios) if ratios else None

    def make(self, name, how, *sources):
        """A figure of each round that is computed from others of it."""
        sources = [self.rounds.get(source, {}) for source in sources]
        made = {r: how(*[source[r] for source in sources])
                for r in sources[0] if all(r in s for s in sources)}
        if made:
            self.rounds['made', name] = made


def number(value):
    if value is None:
        return '-'
    if value >= 1000:
        return f'{value:,.0f}'
    return f'{value:.3g}' if value < 100 else f'{value:.0f}'


class Table:
    """Groups of rows; a row is a subject with a figure."""

    def __init__(self, figures):
        self.figures = figures
        self.groups = []

    def group(self, title, unit):
        self.groups.append({'title': title, 'unit': unit, 'rows': []})

    def row(self, subject, key, name, ratio_to=None, at_least=None,
            at_most=None):
        """ratio_to: the (key, name) that a target's ratio is to, or None
        where the figure itself is compared."""
        value = self.figures.median(key, name)
        if value is None:
            return
        values = self.figures.all(key, name)
        row = {'subject': subject, 'key': key, 'name': name, 'median': value,
               'least': min(values), 'most': max(values), 'n': len(values)}
        compared = value
        if ratio_to:
            compared = row['ratio'] = self.figures.ratio((key, name), ratio_to)
        if compared is not None and at_least is not None:
            row['target'], row['met'] = f'>= {at_least}', compared >= at_least
        if compared is not None and at_most is not None:
            row['target'], row['met'] = f'<= {at_most}', compared <= at_most
        self.groups[-1]['rows'].append(row)

    def rates(self, title, what, ours, unit='a second'):
        """Ours, the floor, and the peers; all as ratios to the floor."""
        self.group(title, unit)
        bare = (what + '/bare', 'rate')
        self.row(BARE, *bare)
        for subject, label, at_least in ours:
            self.row(label, f'{what}/{subject}', 'rate', bare, at_least)
        for peer, label in PEERS:
            self.row(label, f'{what}/{peer}', 'rate', bare)

    def markdown(self):
        lines = []
        for group in self.groups:
            if not group['rows']:
                continue
            lines += [f'| {group["title"]} | {group["unit"]} | range '
                      '| ratio | target | |', '|---|--:|--:|--:|--:|---|']
            for row in group['rows']:
                verdict = {None: '', True: 'met', False: 'MISSED'}
                ratio = row.get('ratio')
                lines.append('| ' + ' | '.join([
                    row['subject'], number(row['median']),
                    number(row['least']) + ' - ' + number(row['most'])
                    if row['n'] > 1 else '',
                    '' if ratio is None else f'{ratio:.2f}',
                    row.get('target', ''),
                    verdict[row.get('met')]]) + ' |')
            lines.append('')
        return lines


def tabulate(figures, about):
    table = Table(figures)
    deepest = about['deepest']
    table.rates('durable submits, one by one', 'submit', [
        ('adtspool', 'adtspool submit, many in a command', 0.8),
        ('command', 'adtspool submit, a command each', None)])
    table.rates('durable submits, in bulk', 'bulk', [
        ('adtspool', 'adtspool import', None)])
    table.row('adtspool import / the bare loop, one by one',
              'bulk/adtspool', 'rate', ('submit/bare', 'rate'), 5)
    for peer, _ in PEERS[:2]:
        table.row(f'adtspool import / {peer} in bulk', 'bulk/adtspool',
                  'rate', (f'bulk/{peer}', 'rate'), 1)
    table.rates('claims, one claimer', 'claim', [
        ('adtspool', 'adtspool', 0.7)])
    table.row('CPU for each, us: ' + BARE, 'claim/bare', 'cpu_us')
    table.row('CPU for each, us: adtspool', 'claim/adtspool', 'cpu_us',
              ('claim/bare', 'cpu_us'), at_most=1.43)

    table.group('50 claimers on one queue', '')
    table.row('claims a second: ' + BARE, 'herd/bare', 'rate')
    table.row('claims a second: adtspool', 'herd/adtspool', 'rate',
              ('herd/bare', 'rate'))
    for subject, label in [('adtspool', 'as fast as they can'),
                           ('turns', 'all taking turns')]:
        key = 'herd/' + subject
        table.row('renames a claim, ' + label, key, 'renames', at_most=1.3)
        table.row('names read a claim, ' + label, key, 'entries',
                  at_most=200)

    table.group('a claim where so many wait', 'us, ms')
    shallow = 'depth/1000'
    for key in sorted({k for k, _ in figures.rounds if k[:6] == 'depth/'},
                      key=lambda k: int(k[6:])):
        last = key == 'depth/' + deepest
        table.row(f'{int(key[6:]):,}: one of 900, the median, us', key,
                  'claim_us', (shallow, 'claim_us'))
        table.row(f'{int(key[6:]):,}: CPU for each of 900, us', key,
                  'cpu_us', (shallow, 'cpu_us'),
                  at_most=1.2 if last else None)
        table.row(f'{int(key[6:]):,}: CPU for the rename alone, us', key,
                  'bare_us', (shallow, 'bare_us'))
        table.row(f'{int(key[6:]):,}: the first of a new claimer, ms', key,
                  'first_ms', at_most=50 if last else None)

    table.rates('full cycles with a no-op test', 'cycle', [
        ('adtspool', 'adtspool submit and worker, results published', None)])

    table.group('from the drop to', 'us')
    for name, label in [
            ('claim_p50_us', 'the claim, p50'),
            ('claim_p99_us', 'the claim, p99'),
            ('start_p50_us', 'the test, p50'),
            ('start_p99_us', 'the test, p99')]:
        floor = ('latency/bare', name)
        table.row(f'{label}: inotify and rename' +
                  (' and exec' if name[0] == 's' else ''), *floor)
        if name[0] == 's':
            table.row(f'{label}: the same in namespaces of its own',
                      'latency/isolated', name, floor)
        table.row(f'{label}: adtspool', 'latency/adtspool', name, floor,
                  at_most=3 if name == 'claim_p99_us' else None)
    start = ('latency/adtspool', 'start_p99_us')
    table.row('the test, p99 / in namespaces of its own', *start,
              ('latency/isolated', 'start_p99_us'))
    table.row('the test, p99 / inotify and rename alone', *start,
              ('latency/bare', 'claim_p99_us'), at_most=3)
    table.row('the test, p99', *start, at_most=5000)

    figures.make('cpu', lambda all_, empty, test, jobs:
                 (all_ - empty) / jobs - test,
                 *[('cpu/adtspool', name)
                   for name in ('all_ms', 'empty_ms', 'test_ms', 'jobs')])
    table.group('what a job costs its worker', '')
    table.row('CPU, log of 1 MiB and 10 artifacts, ms', 'made', 'cpu',
              at_most=20)
    table.row('calls on files of the spool, the worker itself',
              'calls/adtspool', 'control')
    table.row('calls on files of the spool, with the run',
              'calls/adtspool', 'spool')
    table.row('fsyncs, with the run (8 in the bare cycle)', 'calls/adtspool',
              'fsyncs')
    table.row('system calls of the worker itself', 'calls/adtspool',
              'worker')

    for name in ('calls', 'file_calls'):
        figures.make('idle_' + name, lambda calls, seconds: calls / seconds,
                     ('idle/adtspool', name), ('idle/adtspool', 'seconds'))
    table.group('an idle worker', 'a second')
    table.row('system calls', 'made', 'idle_calls', at_most=5)
    table.row('of them on files, which a mount may ask its server for',
              'made', 'idle_file_calls')

    table.group(f'where {int(deepest):,} wait', '')
    for subject in ('worker', 'status'):
        table.row(f'memory of {subject}, KiB', 'rss/' + subject, 'rss_kib',
                  at_most=16384)
    indexed = figures.median('rss/index', 'waiting')
    if indexed:
        table.row(f'memory of index where {int(indexed):,} wait, KiB',
                  'rss/index', 'rss_kib')
        table.row('it takes, to read and tell all of them, seconds',
                  'rss/index', 'seconds')
    bare = ('rss/bare', 'seconds')
    table.row('readdir of one bucket, seconds', *bare)
    table.row('adtspool status: one bucket, seconds', 'rss/status',
              'seconds', bare)
    table.row('adtspool status: buckets of 1,000, seconds', 'rss/wide',
              'seconds', bare)
    table.row('the same, seconds', 'rss/wide', 'seconds', at_most=0.3)
    bare = ('rss/bare', 'cpu_ms')
    table.row('CPU, ms: readdir of one bucket', *bare)
    table.row('CPU, ms: adtspool status of it', 'rss/status', 'cpu_ms', bare)

    table.group('packing a log', 'MB a second')
    figures.make('gzip', lambda mb, seconds: mb / seconds,
                 ('pack/gzip', 'mb'), ('pack/gzip', 'seconds'))
    table.row('gzip -6', 'made', 'gzip')
    table.row('adtspool, at level 5', 'pack/adtspool', 'rate',
              ('made', 'gzip'), 0.8)
    table.row('memory, KiB', 'pack/adtspool', 'rss_kib')
    return table


def describe(about, figures):
    load = figures.all('load', 'at')
    peers = about['peers'] or 'none'
    return [f'{about["date"]}, {about["mode"]}, {about["rounds"]} rounds; '
            f'{about["processors"]} processors ({about["processor"]}), Linux '
            f'{about["kernel"]}, {about["filesystem"]}; the load of the '
            f'machine was {about["load_before"]} before, and from '
            f'{min(load):.1f} to {max(load):.1f} at the ends of rounds; '
            f'peers: {peers}.', '']


def main(about_path, samples_path, json_path, page=None):
    figures = Figures(samples_path)
    with open(about_path, encoding='utf-8') as lines:
        about = dict((line.rstrip('\n').split(' ', 1) + [''])[:2]
                     for line in lines)
    table = tabulate(figures, about)
    text = '\n'.join(describe(about, figures) + table.markdown())
    print(text)
    with open(json_path, 'w', encoding='utf-8') as out:
        json.dump({'about': about, 'table': table.groups, 'samples': {
            f'{key} {name}': values
            for (key, name), values in figures.rounds.items()}}, out,
            indent=1)
    if page:
        with open(page, encoding='utf-8') as old:
            whole = re.sub(r'(<!-- table -->\n).*(<!-- end -->)',
                           lambda m: m[1] + text + m[2], old.read(),
                           flags=re.DOTALL)
        with open(page, 'w', encoding='utf-8') as out:
            out.write(whole)


main(*sys.argv[1:])
