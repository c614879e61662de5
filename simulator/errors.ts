/** A refusal with the code, status and text that the service gives. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/** A query that the OData parser does not accept; it is answered in a shape of its own. */
export class ODataError extends Error {
  constructor(reason: string) {
    super(`The query specified in the URI is not valid. ${reason}`);
    this.name = 'ODataError';
  }
}

export function notFound(kind: 'Machine' | 'MachineAction' | 'Indicator', id: string): ApiError {
  return new ApiError(404, 'ResourceNotFound', `${kind} ${id} was not found`);
}
