import { runCli } from './run-cli.ts';
import { systemCliPorts } from './system-ports.ts';

// Timers of the client must not hold the process once the command is done; what was written must be out before.
void runCli(process.argv.slice(2), systemCliPorts()).then((exitCode) => {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
});
