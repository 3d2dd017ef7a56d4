/** How a session was started. */
export type SignInMethod = "password" | "key" | "link";
