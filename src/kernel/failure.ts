export type FailureParams = Readonly<Record<string, string | number>>;

/**
 * A refusal with one cause of the registry. Thrown, so that the surrounding
 * transaction rolls back by itself. Rooms that may import `causes` build it with
 * `refusal()` there, which checks the code and its parameters by type.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string;
  readonly params: FailureParams;
  /** The input it is about, by its name on the wire. */
  readonly field: string | undefined;
  /** The moment from which trying again makes sense. */
  readonly retryAt: Date | undefined;

  constructor(
    code: string,
    detail: { params?: FailureParams; field?: string; retryAt?: Date; cause?: unknown } = {},
  ) {
    super(code, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.params = detail.params ?? {};
    this.field = detail.field;
    this.retryAt = detail.retryAt;
  }
}
