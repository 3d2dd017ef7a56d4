import { Trans } from "@lingui/react/macro";
import { useSearchParams } from "../lib/routing";
import { useSsoProviders } from "./queries";

/** Links to the providers of single sign-on. They leave the page, so they are no links of the router. */
export function SsoButtons() {
  const providers = useSsoProviders().data?.providers ?? [];
  const [query] = useSearchParams();
  const next = query.get("next");
  if (providers.length === 0) return null;
  return (
    <div className="sso-buttons">
      {providers.map((provider) => (
        <a
          key={provider.name}
          className="button"
          href={`${provider.sign_in_url}${next ? `?next=${encodeURIComponent(next)}` : ""}`}
        >
          <Trans>Sign in by {provider.title}</Trans>
        </a>
      ))}
    </div>
  );
}
