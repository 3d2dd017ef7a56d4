/** The objects of the routes for authors of problems. See `api/types.ts`. */
import type { Schemas } from "../api/types";

/** `GET /admin/problems/<slug>`: a problem with its versions, newest first. */
export type AuthoredProblem = Schemas["AuthoredProblemOut"];
export type Version = Schemas["ProblemVersionOut"];
export type Verification = Schemas["VerificationOut"];
export type VerificationLine = Schemas["ProofLine"];
export type ProblemState = AuthoredProblem["state"];
/** `GET /admin/problems`: a problem in the list of an author. */
export type AuthoredLine = Schemas["OfferedVersion"];
/** `POST /admin/problems` */
export type AddedProblem = Schemas["AddedProblemOut"];
/** `PUT /admin/problems/<slug>/state`, and going back to a version. */
export type StateChanged = Schemas["StateChangedOut"];
/** `GET /admin/problems/<slug>/rejudge`: the submissions that a rejudging would judge again. */
export type Touched = Schemas["TouchedOut"];
export type Rejudged = Schemas["RejudgedOne"];
/** `GET /admin/problems/<slug>/verdicts` */
export type Judged = Schemas["JudgedOne"];
/** `GET /admin/problems/<slug>/faults` */
export type ProblemFault = Schemas["ProblemFaultLine"];
/** `GET /admin/problems/<slug>/versions/<version>/files` */
export type PackageFiles = Schemas["PackageFilesOut"];
/** `POST /admin/problems/<slug>/versions/<version>/form`: a YAML file as a form. */
export type YamlFormAnswer = Schemas["FormOut"];
export type YamlField = Schemas["FormFieldOut"];
export type YamlValue = YamlField["value"];
