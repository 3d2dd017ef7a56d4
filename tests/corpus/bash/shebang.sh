#!/usr/bin/env bash
set -euo pipefail
main() {
  local a b
  read -r a b
  printf '%d\n' "$((a + b))"
}
main "$@"
