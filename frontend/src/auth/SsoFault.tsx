import { t } from "@lingui/core/macro";
import { useSearchParams } from "../lib/routing";
import { useSsoProviders } from "./queries";

/**
 * Says why a single sign-on ended here. Only known faults have a sentence, because anybody can make a link with another
 * fault in its address.
 */
export function SsoFault() {
  const [query] = useSearchParams();
  const providers = useSsoProviders().data?.providers ?? [];
  const name = query.get("provider");
  const title = providers.find((provider) => provider.name === name)?.title ?? t`The other server`;
  const text = sentence(query.get("sso_fault") ?? "", title);
  if (!text) return null;
  return (
    <div className="error-alert" role="alert">
      <p>{text}</p>
    </div>
  );
}

function sentence(fault: string, title: string): string | null {
  const sentences: Record<string, string> = {
    "unknown-provider": t`This server does not know that way to sign in. Choose another one.`,
    "provider-away": t`${title} does not answer now. Try again later, or sign in another way.`,
    "provider-refused": t`${title} has not signed you in. Try again, or sign in another way.`,
    "bad-answer": t`${title} answered in a way that cannot be trusted. Try again; if it happens again, tell an administrator.`,
    outdated: t`That sign-in took too long, or was begun in another browser. Try again.`,
    "not-member": t`Your account of ${title} may not sign in here. Ask an administrator.`,
    "no-account": t`There is no account for you here, and signing in does not make one. Ask an administrator for one.`,
    disabled: t`Your account is disabled. Ask an administrator.`,
    "email-taken": t`There is an account with your e-mail address. Sign in to it another way, then link ${title} on your account page.`,
    "linked-elsewhere": t`Your account of ${title} belongs to another account here. Unlink it there first.`,
  };
  return Object.hasOwn(sentences, fault) ? (sentences[fault] ?? null) : null;
}
