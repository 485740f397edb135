#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What t/74-limits.t asks for, on a kernel that has cgroups with all their
# controllers, and nobody else in them.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$here/guest" "$here/../../74-limits.t"
