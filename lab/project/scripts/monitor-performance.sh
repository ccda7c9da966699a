#!/bin/sh
exec "${NODE:-node}" "$(dirname "$0")/lib/monitor-performance.mjs" "$@"
