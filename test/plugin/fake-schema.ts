import type { PackageSchema } from '../../provider/plugin/package-schema.ts';

/** The schema of the fake provider: one resource, and one setting of each kind. */
export const fakeSchema: PackageSchema = {
  name: 'fake',
  config: {
    variables: {
      tenantId: { type: 'string' },
      clientSecret: { type: 'string', secret: true },
      cloud: { $ref: '#/types/fake:index:Cloud' },
      useOidc: { type: 'boolean' },
      patience: { type: 'integer' },
      share: { type: 'number' },
      releases: { type: 'string' },
      guardrails: { $ref: '#/types/fake:index:Guardrails' },
      names: { type: 'array', items: { type: 'string' } },
    },
  },
  types: {
    'fake:index:Cloud': { type: 'string', enum: [{ value: 'Commercial' }] },
    'fake:index:Guardrails': { type: 'object' },
  },
  resources: {
    'fake:index:Thing': {
      inputProperties: {
        comment: { type: 'string' },
        token: { type: 'string', secret: true },
        behave: { type: 'string' },
        url: { type: 'string' },
      },
      properties: { comment: { type: 'string' }, token: { type: 'string', secret: true }, state: { type: 'string' } },
    },
  },
};
