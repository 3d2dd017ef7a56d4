import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Role } from "../api/types";

/** One thing that an API key may do. */
export type Scope = "read" | "submit" | "author" | "operate";

const WORDS: Record<Scope, MessageDescriptor> = {
  read: msg`read`,
  submit: msg`submit and cancel`,
  author: msg`add and change problems`,
  operate: msg`operate the judge`,
};

const BY_ROLE: Record<Role, readonly Scope[]> = {
  user: ["read", "submit"],
  author: ["read", "submit", "author"],
  admin: ["read", "submit", "author", "operate"],
};

/** The scopes that are of use to an account of this role. */
export function scopesOf(role: Role): readonly Scope[] {
  return BY_ROLE[role];
}

export function scopeInWords(scope: Scope): string {
  return i18n._(WORDS[scope]);
}
