import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useRef, useState } from "react";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { isArchive, type Program, readProgram } from "./programFiles";

interface Props {
  /** The name of the chosen language. */
  language: string;
  isDisabled: boolean;
  submit: (program: Program, files: readonly File[]) => void;
}

/** A button that lets people choose files or a zip, and a dialog that shows them before they are submitted. */
export function UploadFiles({ language, isDisabled, submit }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [entryPoint, setEntryPoint] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const choose = (chosen: FileList | null) => {
    if (!chosen?.length) return;
    setFiles([...chosen]);
    setEntryPoint("");
    setError(null);
    dialog.current?.showModal();
  };
  const send = async () => {
    try {
      submit(await readProgram(files, entryPoint), files);
      dialog.current?.close();
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
    }
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t`Files of your program`}
        onChange={(event) => {
          choose(event.target.files);
          event.target.value = ""; // the same files may be chosen again
        }}
      />
      <button type="button" className="button" disabled={isDisabled} onClick={() => input.current?.click()}>
        <Trans>Upload files</Trans>
      </button>
      <dialog ref={dialog} className="dialog" aria-label={t`Submit these files`}>
        <h2>
          <Trans>Submit these files</Trans>
        </h2>
        <p>
          <Trans>They are judged as one program in {language}.</Trans>
        </p>
        <ul className="upload-list">
          {files.map((file) => (
            <li key={file.name}>
              <code>{file.name}</code> <span className="muted">{t`${file.size} bytes`}</span>
            </li>
          ))}
        </ul>
        {files.length > 1 || files.some((file) => isArchive(file.name)) ? (
          <Field
            label={t`File or class to start`}
            hint={t`Without it, main.* starts.`}
            value={entryPoint}
            spellCheck={false}
            onChange={(event) => setEntryPoint(event.target.value.trim())}
          />
        ) : null}
        {error ? <ErrorAlert error={error} /> : null}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            <Trans>Cancel</Trans>
          </button>
          <button type="button" className="button primary" onClick={() => void send()}>
            <Trans>Submit</Trans>
          </button>
        </div>
      </dialog>
    </>
  );
}
