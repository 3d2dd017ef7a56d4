import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useId, useState } from "react";
import { namesByLabel } from "../api/errorTexts";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { formatDateTime } from "../lib/format";
import { useTypedText } from "../lib/useTyped";
import type { SubmissionComment } from "../api/types";
import { useAddComment, useComments, useRemoveComment } from "./queries";

interface Props {
  id: string;
  /** Shows a line of the source. */
  goTo: (line: number, column: number) => void;
}

/** The jury's comments on a submission, by line. Nothing is shown where there is nothing to read or to write. */
export function Comments({ id, goTo }: Props) {
  const found = useComments(id).data;
  if (!found || (found.comments.length === 0 && !found.may_comment)) return null;
  return (
    <section>
      <h2>
        <Trans>Comments</Trans>
      </h2>
      <ul className="comments">
        {found.comments.map((each) => (
          <Comment key={each.id} id={id} comment={each} mayRemove={found.may_comment} goTo={goTo} />
        ))}
      </ul>
      {found.may_comment ? <AddComment id={id} /> : null}
    </section>
  );
}

interface CommentProps extends Props {
  comment: SubmissionComment;
  mayRemove: boolean;
}

function Comment({ id, comment, mayRemove, goTo }: CommentProps) {
  const remove = useRemoveComment(id);
  const line = comment.line;
  return (
    <li>
      <p className="muted">
        {line === null ? (
          <Trans>about the whole source</Trans>
        ) : (
          <button type="button" className="button small" onClick={() => goTo(line, 1)}>
            {t`line ${line}`}
          </button>
        )}{" "}
        · {comment.author ?? "–"} · {formatDateTime(comment.created_at)}
      </p>
      <p className="comment-text">{comment.text}</p>
      {mayRemove ? (
        <button
          type="button"
          className="button small"
          disabled={remove.isPending}
          onClick={() => remove.mutate(comment.id)}
        >
          <Trans>Remove</Trans>
        </button>
      ) : null}
      {remove.error ? <ErrorAlert error={remove.error} /> : null}
    </li>
  );
}

function AddComment({ id }: { id: string }) {
  const add = useAddComment(id);
  const textId = useId();
  const { text, setText, sent } = useTypedText("comment", id);
  const [line, setLine] = useState("");
  const submit = (form: FormEvent) => {
    form.preventDefault();
    // After a failure the text stays, and the form shows the error.
    add.mutateAsync({ text, ...(line ? { line: Number(line) } : {}) }).then(
      () => sent(text),
      () => {},
    );
  };
  return (
    <form onSubmit={submit} className="comment-form">
      <Field
        label={t`Line`}
        hint={t`empty: about the whole source`}
        type="number"
        min={1}
        value={line}
        onChange={(e) => setLine(e.target.value)}
      />
      <div className="field">
        <label htmlFor={textId}>
          <Trans>Comment</Trans>
        </label>
        <textarea
          id={textId}
          className="input"
          rows={2}
          required
          maxLength={4000}
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
      </div>
      {add.error ? <ErrorAlert error={add.error} nameOf={namesByLabel({ line: t`Line`, text: t`Comment` })} /> : null}
      <button type="submit" className="button" disabled={add.isPending}>
        <Trans>Comment</Trans>
      </button>
    </form>
  );
}
