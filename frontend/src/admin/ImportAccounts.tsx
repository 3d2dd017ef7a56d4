import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { type ChangeEvent, useState } from "react";
import { ErrorAlert } from "../components/ErrorAlert";
import { forgetChosenFile } from "../components/Field";
import { DataTable } from "../components/DataTable";
import { PasswordSheets } from "./PasswordSheets";
import { useImportAccounts } from "./queries";
import type { AccountImport } from "./types";

/** Adds the accounts of a CSV file. Choosing a file checks it; importing it makes the accounts and their passwords. */
export function ImportAccounts() {
  const check = useImportAccounts();
  const make = useImportAccounts();
  const [file, setFile] = useState<File | null>(null);
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0] ?? null;
    setFile(chosen);
    make.reset();
    if (chosen) check.mutate({ file: chosen, dryRun: true });
  };
  const error = make.error ?? check.error;
  return (
    <section aria-labelledby="import-title">
      <h2 id="import-title">
        <Trans>Import from a file</Trans>
      </h2>
      <p>
        <Trans>
          A CSV file whose first line names its columns: <code>name</code>, <code>full name</code>, <code>e-mail</code>,{" "}
          <code>tier</code>, <code>role</code>, <code>group</code>. Only <code>name</code> is needed. Several groups are
          separated by <code>|</code>.
        </Trans>
      </p>
      <input
        type="file"
        className="no-print"
        accept=".csv,.tsv,.txt,text/csv"
        aria-label={t`CSV file of accounts`}
        // Choosing another file would remove the answer from the page. Only this answer has the passwords.
        disabled={make.isPending}
        onClick={forgetChosenFile}
        onChange={choose}
      />
      {error ? <ErrorAlert error={error} /> : null}
      {file && check.data && !make.data ? (
        <Checked found={check.data} isMaking={make.isPending} onMake={() => make.mutate({ file, dryRun: false })} />
      ) : null}
      {make.data?.made ? <PasswordSheets accounts={make.data.accounts} /> : null}
      {make.data && !make.data.made ? <Faults faults={make.data.faults} /> : null}
    </section>
  );
}

function Checked({ found, isMaking, onMake }: { found: AccountImport; isMaking: boolean; onMake: () => void }) {
  const count = found.accounts.length;
  if (found.faults.length > 0) return <Faults faults={found.faults} />;
  return (
    <div role="status">
      <p>
        <Plural
          value={count}
          one="The file has # account and no fault."
          other="The file has # accounts and no fault."
        />
      </p>
      <button type="button" className="button primary" disabled={isMaking} onClick={onMake}>
        <Plural value={count} one="Make # account" other="Make # accounts" />
      </button>
    </div>
  );
}

function Faults({ faults }: { faults: AccountImport["faults"] }) {
  const count = faults.length;
  return (
    <div role="alert">
      <p>
        <Plural
          value={count}
          one="# fault in the file. Nothing was made."
          other="# faults in the file. Nothing was made."
        />
      </p>
      <DataTable
        label={t`Faults of the file`}
        rows={faults}
        rowKey={(fault) => `${fault.line} ${fault.column} ${fault.message}`}
        columns={[
          { title: t`Line`, cell: (fault) => fault.line, className: "number" },
          { title: t`Column`, cell: (fault) => fault.column },
          { title: t`Fault`, cell: (fault) => fault.message },
        ]}
      />
    </div>
  );
}
