/** What the engine gives a plugin on its command line: `[--logtostderr] [-v=N] [--tracing URL] ADDRESS`. */
export interface PluginArguments {
  /** `127.0.0.1:PORT` of the engine's own service. Undefined: started by hand, to be attached to later. */
  readonly engineAddress: string | undefined;
}

const flagsWithValue = new Set(['--tracing']);

/** @param argv the arguments after the script's name */
export function parseArguments(argv: readonly string[]): PluginArguments {
  let engineAddress: string | undefined;
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (flagsWithValue.has(argument)) {
      i++;
    } else if (!argument.startsWith('-')) {
      engineAddress ??= argument;
    }
  }
  return { engineAddress };
}
