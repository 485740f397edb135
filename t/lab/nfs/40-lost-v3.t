#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lost replies over NFSv3: see lost.sh.
version=3
# shellcheck source=t/lab/nfs/lost.sh
. "$(dirname "$0")/lost.sh"
