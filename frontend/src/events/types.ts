import type { Schemas } from "../api/types";

export type EventLine = Schemas["EventsOut.EventLine"];
export type EventList = Schemas["EventsOut"];
export type EventProblem = Schemas["EventOut.EventProblemOut"];
export type EventMessage = Schemas["MessageOut"];
export type EventTry = Schemas["TriesOut.TryOut"];
export type EventSubmission = Schemas["EventSubmissionsOut.EventSubmissionOut"];
export type EventMember = Schemas["MemberOut"];
export type MemberImport = Schemas["MemberImportOut"];
export type Rejudging = Schemas["RejudgingOut"];
export type RejudgingLine = Schemas["RejudgingsOut.RejudgingLine"];
export type Balloon = Schemas["BalloonsOut.BalloonOut"];
export type Standings = Schemas["StandingsOut"];
export type StandingsRow = Schemas["StandingsOut.StandingsRowOut"];
export type Cell = Schemas["StandingsOut.CellOut"];

/** An event; of its rules only what the pages show. */
export interface EventState extends Omit<Schemas["EventOut"], "rules"> {
  rules: { scoring: "icpc" | "ioi"; exam: boolean; max_tries: number | null; languages: string[] };
}
export type Phase = EventState["phase"];
