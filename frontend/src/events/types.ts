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

/** An event; of its rules only what the pages show. */
export interface EventState extends Omit<Schemas["EventOut"], "rules"> {
  rules: {
    scoring: "icpc" | "ioi";
    exam: boolean;
    max_tries: number | null;
    languages: string[];
    length_minutes: number | null;
  };
}
export type Phase = EventState["phase"];
