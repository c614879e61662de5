import { withoutEnvironmentInReports } from '../provider/environment-secrets.ts';
import { runCli, tellUnforeseen } from './run-cli.ts';
import { systemCliPorts } from './system-ports.ts';

const ports = systemCliPorts();
withoutEnvironmentInReports();
// Node itself would print the error whole: a client's holds the request, token and all.
process.on('uncaughtException', (error) => {
  tellUnforeseen(error, ports);
  process.exit(1);
});

// Timers of the client must not hold the process once the command is done; what was written must be out before.
void runCli(process.argv.slice(2), ports).then((exitCode) => {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
});
