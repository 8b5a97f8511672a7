/** Port: whether a user has an account here. The application binds it; asked only with `auth.local_only`. */
export abstract class UserDirectory {
  /** @throws HubbubError ServerError */
  abstract exists(userId: string): Promise<boolean>;
}
