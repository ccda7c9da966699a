#!/bin/sh
exec "${NODE:-node}" "$(dirname "$0")/lib/validate-skills.mjs" "$@"
