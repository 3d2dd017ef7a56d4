import { t } from "@lingui/core/macro";
import { Field } from "../components/Field";

/** The field for a new password, with its rule. */
export function NewPasswordField({ error }: { error: string | undefined }) {
  return (
    <Field
      label={t`New password`}
      name="new"
      type="password"
      autoComplete="new-password"
      required
      minLength={10}
      maxLength={256}
      hint={t`At least 10 characters.`}
      error={error}
    />
  );
}
