import { t } from "@lingui/core/macro";
import type { EventState, Invitation, Phase } from "./types";

export function phaseName(phase: Phase): string {
  switch (phase) {
    case "before":
      return t`not started`;
    case "running":
      return t`running`;
    case "frozen":
      return t`running, frozen`;
    case "ended":
      return t`ended, frozen`;
    case "final":
      return t`ended`;
  }
}

export function invitationState(state: Invitation["state"]): string {
  switch (state) {
    case "waiting":
      return t`not opened`;
    case "opened":
      return t`opened`;
    case "expired":
      return t`expired`;
    case "revoked":
      return t`revoked`;
  }
}

export function scoringName(scoring: EventState["rules"]["scoring"]): string {
  return scoring === "icpc" ? t`problems solved and penalty` : t`points`;
}

/** Says what a person may do next in an event, or why there is nothing to do. */
export function whatNext(event: EventState, isSignedIn: boolean): string {
  if (event.role === "jury") return t`You belong to the jury: “Jury” leads to submissions, questions and members.`;
  if (event.phase === "before") return beforeStart(event, isSignedIn);
  if (event.paused_at) return t`The event is paused: its clock has stopped, and no one can submit until it is resumed.`;
  if (event.may_start) return t`Your time begins when you start it, and does not stop.`;
  if (event.may_submit) return t`Open a problem to submit.`;
  if (event.role === "member") return whyNoMore(event);
  return event.phase === "ended" || event.phase === "final" ? t`The event has ended.` : howToJoin(event, isSignedIn);
}

function beforeStart(event: EventState, isSignedIn: boolean): string {
  if (event.role !== "member") return howToJoin(event, isSignedIn);
  return event.rules.length_minutes
    ? t`Once the event has started, you can start your own time. Then the problems are shown.`
    : t`The problems are shown when it starts.`;
}

function howToJoin(event: EventState, isSignedIn: boolean): string {
  if (event.may_join) return t`Join to take part.`;
  if (!isSignedIn && event.joining !== "closed") return t`Sign in to join and take part.`;
  return t`You are not a member of this event.`;
}

function whyNoMore({ member, now, ends_at }: EventState): string {
  const window = member?.window;
  if (window && Date.parse(now) >= Date.parse(window.hard_end)) return t`Your time is over.`;
  if (!window && Date.parse(now) >= Date.parse(ends_at)) return t`The event has ended.`;
  return t`You are in an exam now. This event is closed to you until the exam is over.`;
}
