/** A name that reads differently in each language: a bank, an account level, a function. */
export type LocalText = { readonly 'zh-CN': string; readonly en: string };

/** What fills the placeholders of a cause's words. Plain JSON, so that a record of the failure keeps it as it is. */
export type FailureParams = Readonly<Record<string, string | number | LocalText>>;

/** The flow, step and operation that a refusal belongs to. */
export type FailureAbout = {
  readonly flow?: string;
  readonly step?: string;
  readonly operationId?: string;
  readonly key?: string;
  /** What has become of that operation's money, where the refusal is about it and not about a new attempt. */
  readonly moneyMoved?: 'no' | 'held' | 'yes' | 'unknown';
};

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

  /** Where it happened; filled in by the operations room. */
  readonly about: FailureAbout;

  constructor(
    code: string,
    detail: { params?: FailureParams; field?: string; retryAt?: Date; cause?: unknown; about?: FailureAbout } = {},
  ) {
    super(code, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.params = detail.params ?? {};
    this.field = detail.field;
    this.retryAt = detail.retryAt;
    this.about = detail.about ?? {};
  }

  /** The same refusal, saying which operation it belongs to. */
  within(about: FailureAbout): Failure {
    return new Failure(this.code, {
      params: this.params,
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.retryAt === undefined ? {} : { retryAt: this.retryAt }),
      cause: this.cause ?? this,
      about: { ...about, ...this.about },
    });
  }
}

/** Runs a check; a refusal is added to `found` and the answer is `undefined`, anything else is a bug and passes. */
export async function collect<T>(found: Failure[], check: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    found.push(error);
    return undefined;
  }
}
