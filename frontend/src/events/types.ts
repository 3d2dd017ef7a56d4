import type { Schemas } from "../api/types";

export type EventLine = Schemas["EventLine"];
export type EventList = Schemas["EventsOut"];
export type EventProblem = Schemas["EventProblemOut"];
export type EventMessage = Schemas["MessageOut"];
export type EventTry = Schemas["TryOut"];
export type EventSubmission = Schemas["EventSubmissionOut"];
export type EventMember = Schemas["MemberOut"];
export type MemberImport = Schemas["MemberImportOut"];
export type Rejudging = Schemas["RejudgingOut"];
export type RejudgingLine = Schemas["RejudgingLine"];
export type SimilarityOverview = Schemas["SimilarityOut"];
export type SimilarityReportLine = Schemas["SimilarityReportLine"];
export type SimilarityReport = Schemas["SimilarityReportOut"];
export type SimilarPair = Schemas["SimilarPairOut"];
export type SideBySidePair = Schemas["SideBySideOut"];
export type ShadowOverview = Schemas["ShadowOut"];
export type FollowedContest = Schemas["FollowedContestOut"];
export type ComparedSubmission = Schemas["ComparedSubmissionOut"];
export type Balloon = Schemas["BalloonOut"];
export type Standings = Schemas["StandingsOut"];
export type StandingsRow = Schemas["StandingsRowOut"];
export type Matrix = Schemas["MatrixOut"];
export type MatrixRow = Schemas["MatrixRowOut"];
export type MatrixCell = Schemas["MatrixCellOut"];
export type Invitation = Schemas["EventInvitationOut"];
export type MadeInvitation = Schemas["MadeInvitationOut"];
export type FoundInvitation = Schemas["FoundInvitationOut"];
export type CandidateReport = Schemas["CandidateReportOut"];
export type ReportedProgram = Schemas["ReportedProgramOut"];
export type LtiLinks = Schemas["LtiLinksOut"];
export type LtiLink = Schemas["LtiLinkOut"];
export type LtiPlacement = Schemas["LtiPlacementOut"];
export type LtiGrade = Schemas["LtiGradeOut"];
export type ImportedCourse = Schemas["ImportedCourseOut"];
export type Cell = Schemas["CellOut"];

/** The rules of an event, as the API has them. */
export interface EventRules {
  scoring: "icpc" | "ioi";
  icpc: { penalty_minutes: number; penalty_time: string; compile_errors_cost: boolean };
  ioi: { mode: "best" | "groups" | "tokened" | "last"; decimals: number; tokens: number };
  ties: string;
  freeze_minutes: number;
  length_minutes: number | null;
  late: { minutes: number; percent: number }[];
  max_tries: number | null;
  languages: string[];
  exam: boolean;
  standings: "all" | "jury";
  feedback: "all" | "samples" | "verdict" | "after-end";
  networks: string[];
  one_address: boolean;
  grades: { points: number; grade: string }[];
}

export interface EventState extends Omit<Schemas["EventOut"], "rules"> {
  rules: EventRules;
}
export type Phase = EventState["phase"];
