#!/bin/sh
exec "${NODE:-node}" "$(dirname "$0")/lib/performance-test.mjs" "$@"
