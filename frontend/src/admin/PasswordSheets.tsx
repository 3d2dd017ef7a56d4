import { Trans } from "@lingui/react/macro";
import type { ImportedAccount } from "./types";

/** One card for each new account, to print and cut. The passwords are shown only now. */
export function PasswordSheets({ accounts }: { accounts: ImportedAccount[] }) {
  return (
    <div className="password-sheets" role="status">
      <p className="no-print">
        <Trans>The accounts are made. Their passwords are shown only now: print them, or keep this page open.</Trans>{" "}
        <button type="button" className="button" onClick={() => window.print()}>
          <Trans>Print</Trans>
        </button>
      </p>
      <div className="password-cards">
        {accounts.map((account) => (
          <div key={account.name} className="password-card">
            <strong>{account.full_name ?? account.name}</strong>
            <div>{location.origin}</div>
            <div>
              <Trans>
                Name: <code>{account.name}</code>
              </Trans>
            </div>
            <div>
              <Trans>
                Password: <code>{account.password}</code>
              </Trans>
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
