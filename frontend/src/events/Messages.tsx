import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useEffect, useId, useState } from "react";
import { namesByLabel } from "../api/errorTexts";
import { ErrorAlert } from "../components/ErrorAlert";
import { QueryBoundary } from "../components/QueryBoundary";
import { Select } from "../components/Select";
import { formatDateTime } from "../lib/format";
import { useLocalStorage } from "../lib/useLocalStorage";
import { useTyped, useTypedText } from "../lib/useTyped";
import { type TimedEvent, useAnnounce, useAnswer, useAsk, useMessages } from "./queries";
import type { EventMessage } from "./types";
import { useReadMessages } from "./useReadMessages";

/** The text stays, and the form shows the error. */
const NOT_SENT = () => {};

/** Announcements, questions and answers; members ask, the jury answers. */
export function Messages({ event }: { event: TimedEvent }) {
  const found = useMessages(event.slug, true);
  const isJury = event.role === "jury";
  const [templates, setTemplates] = useLocalStorage("gavel.answer-templates", usualAnswers().join("\n"));
  const { read } = useReadMessages(event.slug);
  useEffect(() => read(found.data ?? []), [read, found.data]);
  return (
    <section aria-live="polite">
      <h2>
        <Trans>Questions and announcements</Trans>
      </h2>
      {isJury ? <Announce slug={event.slug} /> : <Ask event={event} />}
      {isJury ? <Templates value={templates} change={setTemplates} /> : null}
      <QueryBoundary query={found} subject={t`the messages`}>
        {(all) =>
          all.length === 0 ? (
            <p className="muted">
              <Trans>None yet.</Trans>
            </p>
          ) : (
            <ul className="messages">
              {all.map((message) => (
                <Message key={message.id} slug={event.slug} message={message} templates={isJury ? templates : null} />
              ))}
            </ul>
          )
        }
      </QueryBoundary>
    </section>
  );
}

interface MessageProps {
  slug: string;
  message: EventMessage;
  /** The juror's prepared answers, one per line. `null` for a member, who cannot answer. */
  templates: string | null;
}

function Message({ slug, message, templates }: MessageProps) {
  const waits = message.question !== null && message.answer === null;
  return (
    <li className={waits ? "message message-waiting" : "message"}>
      <p className="muted">
        {message.question === null ? <Trans>Announcement</Trans> : (message.member_name ?? <Trans>Question</Trans>)}
        {message.problem ? ` · ${message.problem}` : ""} · {formatDateTime(message.asked_at)}
      </p>
      {message.question ? <p className="question">{message.question}</p> : null}
      {message.answer ? (
        <p>
          <strong>{message.answer}</strong>
        </p>
      ) : (
        <p className="muted">
          <Trans>not answered yet</Trans>
        </p>
      )}
      {templates !== null && message.question !== null ? (
        <Answer slug={slug} message={message} templates={templates} />
      ) : null}
    </li>
  );
}

/** An answer that a juror writes. `read` is the answer that was there when the juror began. */
interface TypedAnswer {
  text: string;
  toAll: boolean;
  read: string | null;
}

function Answer({ slug, message, templates }: MessageProps & { templates: string }) {
  const answer = useAnswer(slug);
  const typed = useTyped<TypedAnswer | null>(["answer", slug, message.id], null);
  const stored = { text: message.answer ?? "", toAll: message.to_all, read: message.answer };
  const { text, toAll, read } = typed.value ?? stored;
  const change = (part: Partial<TypedAnswer>) => typed.change((before) => ({ ...(before ?? stored), ...part }));
  const setText = (next: string) => change({ text: next });
  const taken = () =>
    typed.change((now) => (now && (now.text !== text || now.toAll !== toAll) ? { ...now, read: text } : null));
  const submit = (form: FormEvent) => {
    form.preventDefault();
    // After a conflict the juror has read the answer that is shown now.
    const replaces = answer.error ? message.answer : read;
    answer.mutateAsync({ id: message.id, answer: text, toAll, replaces }).then(taken, NOT_SENT);
  };
  return (
    <form onSubmit={submit} className="message-form">
      <TextArea label={t`Answer to ${message.member_name ?? ""}`} value={text} change={setText} />
      <p className="event-acts">
        {linesOf(templates).map((each) => (
          <button key={each} type="button" className="button small" onClick={() => setText(each)}>
            {each}
          </button>
        ))}
      </p>
      <label>
        <input type="checkbox" checked={toAll} onChange={(e) => change({ toAll: e.target.checked })} />{" "}
        <Trans>show it to all members</Trans>
      </label>
      {answer.error ? <ErrorAlert error={answer.error} nameOf={namesByLabel({ answer: t`Answer` })} /> : null}
      <button type="submit" className="button small" disabled={answer.isPending}>
        <Trans>Answer</Trans>
      </button>
    </form>
  );
}

/** Answers that juries give often; one click puts them into the field. */
const usualAnswers = () => [t`No comment.`, t`Read the problem statement carefully.`, t`See the announcements.`];

function linesOf(templates: string): string[] {
  return [...new Set(templates.split("\n").map((line) => line.trim()))].filter(Boolean);
}

/** A field for the juror's prepared answers, which are kept in this browser. */
function Templates({ value, change }: { value: string; change: (value: string) => void }) {
  return (
    <details className="event-form">
      <summary>
        <Trans>Answers to choose from</Trans>
      </summary>
      <div className="message-form">
        <TextArea label={t`One answer per line, kept in this browser`} value={value} change={change} rows={5} />
      </div>
    </details>
  );
}

function Ask({ event }: { event: TimedEvent }) {
  const ask = useAsk(event.slug);
  const { text: question, setText: setQuestion, sent } = useTypedText("question", event.slug);
  const [problem, setProblem] = useState("");
  const submit = (form: FormEvent) => {
    form.preventDefault();
    ask.mutateAsync({ question, ...(problem ? { problem } : {}) }).then(() => sent(question), NOT_SENT);
  };
  return (
    <form onSubmit={submit} className="message-form">
      <Select
        label={t`About`}
        value={problem}
        choose={setProblem}
        hasAllOption={false}
        options={[
          ["", t`the event`],
          ...event.problems.map((each) => [each.label, `${each.label} ${each.name}`] as const),
        ]}
      />
      <TextArea label={t`Your question to the jury`} value={question} change={setQuestion} />
      {ask.error ? <ErrorAlert error={ask.error} /> : null}
      <button type="submit" className="button" disabled={ask.isPending}>
        <Trans>Ask</Trans>
      </button>
    </form>
  );
}

function Announce({ slug }: { slug: string }) {
  const announce = useAnnounce(slug);
  const { text, setText, sent } = useTypedText("announcement", slug);
  const submit = (form: FormEvent) => {
    form.preventDefault();
    announce.mutateAsync(text).then(() => sent(text), NOT_SENT);
  };
  return (
    <form onSubmit={submit} className="message-form">
      <TextArea label={t`Announcement to all members`} value={text} change={setText} />
      {announce.error ? (
        <ErrorAlert error={announce.error} nameOf={namesByLabel({ text: t`Announcement to all members` })} />
      ) : null}
      <button type="submit" className="button" disabled={announce.isPending}>
        <Trans>Announce</Trans>
      </button>
    </form>
  );
}

interface TextAreaProps {
  label: string;
  value: string;
  change: (value: string) => void;
  rows?: number;
}

function TextArea({ label, value, change, rows = 2 }: TextAreaProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="input"
        rows={rows}
        required
        maxLength={4000}
        value={value}
        onChange={(e) => change(e.target.value)}
      />
    </div>
  );
}
