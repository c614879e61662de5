import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageManifest from '../package.json' with { type: 'json' };
import { parseDuration } from '../provider/containment/duration.ts';
import { environmentSecrets } from '../provider/environment-secrets.ts';
import { firstLineOf, isUserError } from '../provider/error-kind.ts';
import { printable, withoutCommands } from '../provider/printable.ts';
import { Redaction } from '../provider/redaction.ts';
import { readDeclared } from './declared-hosts.ts';
import { CliError, type CliPorts, type Terminal } from './ports.ts';
import { defaultTimeoutMs, release } from './release/release.ts';
import { parseMachineIds, type Wanted } from './release/targets.ts';
import { wantedMark } from './release/wanted-mark.ts';
import { shown } from './safe-text.ts';
import { type SignInOptions, withSignInOptions } from './sign-in.ts';
import { type StatusFormat, statusFormats } from './status/report.ts';
import { parseStackName } from './status/stack-marks.ts';
import { status } from './status/status.ts';
import { type FindingFormat, findingFormats } from './validate/findings.ts';
import { validate } from './validate/validate.ts';

/** What a command ends with where its arguments make no sense. Of `status`, 2 means drift already. */
const usageExitCodes: ReadonlyMap<string, number> = new Map([
  ['validate', 2],
  ['release', 2],
  ['simulate', 2],
]);

/**
 * Runs `pulumi-mde ARGUMENT…` and answers its exit code. Never throws: whatever goes wrong is told in a line or two.
 * @param args without node and the script
 */
export async function runCli(args: readonly string[], ports: CliPorts): Promise<number> {
  const terminal = withoutSecrets(ports.terminal, ports.env);
  let exitCode = 0;
  const end = (code: number) => {
    exitCode = code;
  };
  const program = programOf({ ...ports, terminal }, end);
  // The simulator's own secret is there to be pasted, and may be in the environment already.
  addSimulate(program, ports, end);
  if (args.length === 0) {
    terminal.err(program.helpInformation());
    return 1;
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : (usageExitCodes.get(args[0] ?? '') ?? 1);
    if (error instanceof CliError || isUserError(error)) terminal.err(`${inLines(error.message)}\n`);
    else tellUnforeseen(error, ports);
    return 1;
  }
}

/** What is shown of an error that nobody foresaw, wherever it came up. */
export function tellUnforeseen(error: unknown, { terminal, env }: Pick<CliPorts, 'terminal' | 'env'>): void {
  withoutSecrets(terminal, env).err(
    `pulumi-mde stopped by an error that it did not foresee: ${shown(firstLineOf(error), 300)}\nPlease report it with what you ran.\n`,
  );
}

function inLines(message: string): string {
  return message
    .split('\n')
    .map((line) => shown(line))
    .join('\n');
}

function withoutSecrets(terminal: Terminal, env: CliPorts['env']): Terminal {
  const redaction = new Redaction();
  redaction.add(environmentSecrets(env));
  return {
    outColours: terminal.outColours,
    interactive: terminal.interactive,
    out: (text) => terminal.out(redaction.redact(text)),
    err: (text) => terminal.err(redaction.redact(text)),
    ask: (question, signal) => terminal.ask(redaction.redact(question), signal),
  };
}

function programOf(ports: CliPorts, end: (exitCode: number) => void): Command {
  const program = new Command('pulumi-mde')
    .description('Declarative containment for Microsoft Defender for Endpoint: what goes beside `pulumi up`.')
    .version(packageManifest.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help, with examples')
    .helpCommand(false)
    .showHelpAfterError('See pulumi-mde --help, or pulumi-mde COMMAND --help.')
    .addHelpText(
      'after',
      examples(
        'pulumi-mde validate quarantine.yaml',
        'pulumi-mde status quarantine.yaml --stack containment/prod/fleet',
        'pulumi-mde release --mark prod/fleet --comment "INC-4711 false alarm"',
        'pulumi-mde simulate --machines 200',
      ),
    )
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => ports.terminal.out(text),
      writeErr: errorsOf(ports.terminal),
    });
  addValidate(program, ports, end);
  addStatus(program, ports, end);
  addRelease(program, ports, end);
  return program;
}

function addValidate(program: Command, ports: CliPorts, end: (exitCode: number) => void): void {
  program
    .command('validate')
    .description('judge manifests offline; exit 0 where all are valid, 1 where one is not, 2 for wrong arguments')
    .argument('<file...>', 'quarantine.yaml files')
    .addOption(new Option('--format <format>', 'how findings are printed').choices(findingFormats).default('text'))
    .option('--json', 'the same as --format json: a list of {file, line, column, path, reason}')
    .addHelpText(
      'after',
      examples('pulumi-mde validate quarantine.yaml', 'pulumi-mde validate --format github stacks/*/quarantine.yaml'),
    )
    .action(async (files: string[], options: { readonly format: FindingFormat; readonly json?: boolean }) => {
      end(await validate({ files, format: options.json === true ? 'json' : options.format }, ports));
    });
}

interface StatusFlags extends SignInOptions {
  readonly format: StatusFormat;
  readonly json?: boolean;
  readonly stack?: string;
  readonly ownerKey?: string;
}

function addStatus(program: Command, ports: CliPorts, end: (exitCode: number) => void): void {
  const command = program
    .command('status')
    .description(
      'tell how hosts stand, worst first; exit 0 in sync, 2 drift, 1 error (also where a host could not be observed)',
    )
    .argument(
      '[file]',
      'quarantine.yaml whose hosts are held against what is so; without it, every contained host is told',
    )
    .addOption(new Option('--format <format>', 'how it is printed').choices(statusFormats).default('text'))
    .option('--json', 'the same as --format json')
    .option(
      '--stack <project/stack[/resource]>',
      'also tell which hosts carry the mark of this stack (or resource) and are not declared: a run would release them',
    )
    .option('--owner-key <key>', 'the mde:ownerKey of that stack, where it has one');
  withSignInOptions(command)
    .addHelpText(
      'after',
      examples(
        'pulumi-mde status',
        'pulumi-mde status quarantine.yaml --stack containment/prod/fleet',
        'pulumi-mde status quarantine.yaml --format markdown > comment.md',
        'pulumi-mde status --use-azure-cli --json',
      ),
    )
    .action(async (file: string | undefined, options: StatusFlags) => {
      const stack = options.stack === undefined ? undefined : parseStackName(options.stack, options.ownerKey);
      const format = options.json === true ? 'json' : options.format;
      end(await status({ file, stack, format, signIn: options }, ports));
    });
}

interface ReleaseFlags extends SignInOptions {
  readonly mark?: string;
  readonly file?: string;
  readonly machine?: readonly string[];
  readonly comment: string;
  readonly yesRelease?: number;
  readonly timeout: number;
}

function addRelease(program: Command, ports: CliPorts, end: (exitCode: number) => void): void {
  const command = program
    .command('release')
    .description(
      'break glass: release hosts without pulumi and its state, so that no pipeline isolates them again; exit 0 only where every one is released',
    )
    .option('--mark <mark>', 'hosts whose comment carries this: the 16 hex digits of [mde:…], or STACK/RESOURCE')
    .option('--file <file>', 'hosts that this quarantine.yaml declares')
    .option('--machine <id...>', 'these machines, by id')
    .requiredOption('--comment <text>', 'why, best with the ticket; it stands in the Defender portal')
    .option(
      '--yes-release <count>',
      'for scripts: how many are to be released; any other count sends nothing',
      wholeNumber,
    )
    .addOption(
      new Option('--timeout <duration>', 'how long each release is followed, such as 45m or 2h')
        .argParser(duration)
        .default(defaultTimeoutMs, '30m'),
    );
  withSignInOptions(command)
    .addHelpText(
      'after',
      examples(
        'pulumi-mde release --mark prod/fleet --comment "INC-4711 false alarm" --use-azure-cli',
        'pulumi-mde release --file quarantine.yaml --comment "INC-4711 over" --yes-release 12',
        'pulumi-mde release --machine 1e5bc9d7e413ddd7902c2932e418702b84d0cc07 --comment "INC-4711 wrong host"',
      ),
    )
    .action(async (options: ReleaseFlags) => {
      if (options.comment.trim() === '') {
        command.error('error: --comment is blank; say why the hosts are released, best with the ticket');
      }
      const wanted = await wantedOf(options, command, ports);
      const { comment, yesRelease, timeout: timeoutMs } = options;
      end(await release({ wanted, comment, yesRelease, timeoutMs, signIn: options }, ports));
    });
}

async function wantedOf(options: ReleaseFlags, command: Command, ports: CliPorts): Promise<Wanted> {
  const { mark, file, machine } = options;
  if ([mark, file, machine].filter((each) => each !== undefined).length === 1) {
    if (mark !== undefined) return { by: 'mark', isWanted: wantedMark(mark), text: mark };
    if (file !== undefined) return { by: 'file', file, declared: await readDeclared(file, ports) };
    if (machine !== undefined) return { by: 'machine', machineIds: parseMachineIds(machine) };
  }
  return command.error('error: say which hosts, by exactly one of --mark, --file and --machine');
}

function addSimulate(program: Command, ports: CliPorts, end: (exitCode: number) => void): void {
  program
    .command('simulate')
    .description('start a Defender of your own on loopback, with a made-up fleet, to rehearse with')
    .argument('[option...]')
    // All its options are the simulator's.
    .helpOption(false)
    .allowUnknownOption()
    .action(async (_given: readonly string[], _options: unknown, command: Command) => {
      const { runSimulator } = await import('../simulator/command-line.ts');
      const ended = () =>
        new Promise<void>((resolve) => {
          if (ports.signal.aborted) resolve();
          else ports.signal.addEventListener('abort', () => resolve(), { once: true });
        });
      const terminal = { out: ports.terminal.out, err: errorsOf(ports.terminal) };
      end(await runSimulator('pulumi-mde simulate', command.args, terminal, ended));
    });
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number.');
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('It takes a duration such as 30m or 1h30m.');
}

/** Where errors go that quote what was typed. */
function errorsOf({ err }: Terminal): Terminal['err'] {
  return (text) => err(withoutCommands(printable(text)));
}
