import { ApiError } from './errors.ts';

/** The JSON object that a body holds; an empty body holds an empty one. Throws the ApiError of anything else. */
export function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw incorrectBody();
}

export function incorrectBody(): ApiError {
  return new ApiError(400, 'InvalidRequestBody', 'Request body is incorrect');
}
