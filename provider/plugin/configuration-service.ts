import { isDeepStrictEqual } from 'node:util';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type { Redaction } from '../redaction.ts';
import type { Provider } from '../resources/provider.ts';
import type { PropertyMap } from '../resources/resource.ts';
import { UserError } from '../resources/resource.ts';
import { describeFailures, settingFailures } from '../settings-text.ts';
import { toCheckFailures } from './check-failures.ts';
import { configurationInForce, isDefaultProvider } from './current-configuration.ts';
import { type Decoded, decodeStruct } from './decode.ts';
import { encodeStruct } from './encode.ts';
import type { CheckRequest, CheckResponse, ConfigureRequest, DiffRequest } from './messages.ts';
import { type PackageSchema, secretSettings } from './package-schema.ts';
import { knownSettings, settingsOf } from './settings.ts';
import { parseUrn } from './urn.ts';

export interface ConfigurationOptions {
  readonly schema: PackageSchema;
  readonly redaction: Redaction;
  readonly load: () => Promise<Provider>;
  /** The stack's configuration as it is now; see takeCurrentConfiguration. */
  readonly current: PropertyMap | undefined;
}

/** CheckConfig, DiffConfig and Configure. */
export class ConfigurationService {
  readonly #options: ConfigurationOptions;
  readonly #secrets: ReadonlySet<string>;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.#secrets = secretSettings(options.schema);
    if (options.current) this.#learn({ value: options.current, secrets: [] });
  }

  /**
   * Judges the settings and hands them back as they came, with every secret wrapped: these go to state, also where
   * somebody forgot `--secret`. Nothing from the environment is added, since that would go to state with them.
   */
  async check({ structs }: CheckRequest): Promise<CheckResponse> {
    const news = decodeStruct(structs.news);
    this.#learn(news);
    const read = settingsOf(this.#options.schema, news.value);
    const provider = await this.#options.load();
    const failures = settingFailures(read, (settings) => provider.checkConfig(knownSettings(settings)));
    const secrets = [...news.secrets, ...[...this.#secrets].map((name) => [name])];
    const inputs = encodeStruct(news.value, { secrets, unknowns: true }).struct;
    const isSecret = (property: string) =>
      this.#secrets.has(property) || news.secrets.some(([root]) => root === property);
    const message = new providerMessages.CheckResponse().setFailuresList(
      toCheckFailures(failures, news.value, isSecret, this.#options.redaction),
    );
    return { message, structs: { inputs } };
  }

  /**
   * Says which settings in force changed, and never asks for replacement: that would replace, and so release, all that
   * the provider holds. A token for another tenant is refused by the resources themselves (semantics 6.3).
   *
   * Where settings differ the engine goes on with another process, to which what was read before is unknown: releases
   * could not be judged together there (semantics 8.1, 8.4). A process that was configured by state follows the
   * configuration of now already, so most changes are none to it.
   */
  diff({ message, structs }: DiffRequest): providerMessages.DiffResponse {
    const isDefault = isDefaultProvider(nameOf(message));
    const inForce = (struct: Uint8Array | undefined) =>
      configurationInForce(decodeStruct(struct).value, this.#options.current, isDefault);
    const olds = inForce(structs.oldInputs ?? structs.olds);
    const news = inForce(structs.news);
    const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
    const changed = [...names].filter((name) => !isDeepStrictEqual(olds[name] ?? null, news[name] ?? null));
    const { DIFF_SOME, DIFF_NONE } = providerMessages.DiffResponse.DiffChanges;
    return new providerMessages.DiffResponse()
      .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
      .setDiffsList(changed);
  }

  async configure({ message, structs }: ConfigureRequest): Promise<providerMessages.ConfigureResponse> {
    const given = decodeStruct(structs.args);
    this.#learn(given);
    const inForce = configurationInForce(given.value, this.#options.current, isDefaultProvider(nameOf(message)));
    const { settings, failures } = settingsOf(this.#options.schema, inForce);
    if (failures.length > 0) throw new UserError(describeFailures(this.#options.schema.name, failures));
    (await this.#options.load()).configure(settings);
    return new providerMessages.ConfigureResponse()
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setAcceptoutputs(false)
      .setSupportspreview(true)
      .setSupportsAutonamingConfiguration(false);
  }

  #learn(settings: Decoded): void {
    for (const name of this.#secrets) this.#options.redaction.add(settings.value[name]);
    for (const [root] of settings.secrets) this.#options.redaction.add(settings.value[root ?? '']);
  }
}

/** The name of the provider that a request is about. */
function nameOf(request: { getName(): string | undefined; getUrn(): string | undefined }): string {
  return request.getName() || parseUrn(request.getUrn() ?? '').name;
}
