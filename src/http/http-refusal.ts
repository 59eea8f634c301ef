/** A request that no app of ours would send, or not like this. Told as `app.request_invalid` with this status. */
export class HttpRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
