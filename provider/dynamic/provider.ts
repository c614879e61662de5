/**
 * What states name as `pulumi-mde/dynamic-provider`: its exports are the provider that Pulumi's dynamic host calls. The
 * path and these names stay as they are for as long as there are states that name them.
 */
import { createProvider } from '../resources/create-provider.ts';
import { serve } from './serve.ts';

const provider = serve(createProvider);

export const { configure, check, diff, create, read, update } = provider;
const deleteResource = provider.delete;

export { deleteResource as delete };
