#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: plot.py HOURS SVG: draws what t/bench/scale.c printed for each hour.
"""
import sys

QUEUES = ['amd64', 'i386', 'amd64.huge', 'arm64', 'armhf', 'ppc64el',
          'riscv64', 's390x']
COLOURS = ['#1b6ca8', '#d1495b', '#66a182', '#edae49', '#7d5ba6', '#2e4057',
           '#8d6a4f', '#00a6a6']
WIDTH, HEIGHT, LEFT, TOP, GAP = 800, 170, 70, 30, 50


def read(path):
    with open(path, encoding='utf-8') as lines:
        return [[float(word) for word in line.split()[1:]]
                for line in lines if line.startswith('hour ')]


def panel(number, title, curves, days):
    """curves: (name, values) each, on one scale that begins at 0."""
    top = TOP + number * (HEIGHT + GAP)
    most = max(max(values) for _, values in curves) or 1
    out = [f'<text x="{LEFT}" y="{top - 8}" font-weight="bold">{title}</text>',
           f'<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" '
           'fill="none" stroke="#999"/>',
           f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">'
           f'{most:,.6g}</text>',
           f'<text x="{LEFT - 6}" y="{top + HEIGHT}" text-anchor="end">0'
           '</text>']
    for day in range(int(days) + 1):
        x = LEFT + WIDTH * day / days
        out.append(f'<text x="{x:.1f}" y="{top + HEIGHT + 14}" '
                   f'text-anchor="middle">{day}</text>')
    for i, (name, values) in enumerate(curves):
        points = ' '.join(
            f'{LEFT + WIDTH * (k + 1) / 24 / days:.1f},'
            f'{top + HEIGHT - HEIGHT * value / most:.1f}'
            for k, value in enumerate(values))
        colour = COLOURS[i % len(COLOURS)]
        out += [f'<polyline fill="none" stroke="{colour}" points="{points}"/>',
                f'<text x="{LEFT + WIDTH + 8}" y="{top + 12 + 14 * i}" '
                f'fill="{colour}">{name}</text>']
    return out


def main(hours_path, svg_path):
    # The last hour is cut off by the end.
    rows = read(hours_path)[:-1]
    _, claims, lost, calls, names, p50, p99, *waiting = zip(*rows)
    days = len(rows) / 24
    panels = [
        ('requests that wait, by queue, and days', list(zip(QUEUES, waiting))),
        ('claims a second', [('claims', [n / 3600 for n in claims])]),
        ("the server's calls for claims, a second",
         [('calls', [n / 3600 for n in calls])]),
        ('for each claim',
         [('names read / 100', [n / c / 100 for n, c in zip(names, claims)]),
          ('lost renames', [n / c for n, c in zip(lost, claims)])]),
        ('from an urgent drop to its claim, all slots busy, seconds',
         [('median', p50), ('p99 of the hour', p99)])]
    height = TOP + len(panels) * (HEIGHT + GAP)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" '
           f'width="{LEFT + WIDTH + 140}" height="{height}" '
           'font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>']
    for i, (title, curves) in enumerate(panels):
        out += panel(i, title, curves, days)
    with open(svg_path, 'w', encoding='utf-8') as svg:
        svg.write('\n'.join(out) + '\n</svg>\n')


main(*sys.argv[1:])
