#!/usr/bin/env bash
# Brings the Pulumi engine in the version that PULUMI_VERSION names, by its official installer, unless it is there.
set -euo pipefail

if [ "$(pulumi version 2>/dev/null || true)" = "v${PULUMI_VERSION:?say which version, such as 3.259.0}" ]; then
  echo "pulumi $PULUMI_VERSION is there"
  exit 0
fi

curl --fail --silent --show-error --location --retry 3 https://get.pulumi.com | sh -s -- --version "$PULUMI_VERSION"

# Later steps find it first.
if [ -n "${GITHUB_PATH:-}" ]; then
  echo "$HOME/.pulumi/bin" >>"$GITHUB_PATH"
elif [ -n "${TF_BUILD:-}" ]; then
  echo "##vso[task.prependpath]$HOME/.pulumi/bin"
fi
