/** The young generation stays small, MiB: see provider/plugin/small-heap.ts. */
const heapFlags = '--max-semi-space-size=4';

/** What the engine starts: a script that runs the bundle beside it, also when it is reached through links. */
export const shellShim = `#!/bin/sh
self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=\${self%/*}/$target ;;
  esac
done
command -v node >/dev/null 2>&1 || {
  echo "pulumi-resource-mde needs Node.js 22.18 or newer as 'node' on PATH." >&2
  exit 1
}
exec node ${heapFlags} "\${self%/*}/pulumi-resource-mde.cjs" "$@"
`;

/** The same for Windows. */
export const commandShim = `@echo off\r\nnode ${heapFlags} "%~dp0pulumi-resource-mde.cjs" %*\r\n`;
