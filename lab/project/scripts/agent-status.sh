#!/bin/sh
exec "${NODE:-node}" "$(dirname "$0")/lib/agent-status.mjs" "$@"
