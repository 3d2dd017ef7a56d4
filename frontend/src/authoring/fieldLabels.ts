import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import type { YamlField } from "./types";

/** The parts of the form, in their order. */
export const SECTIONS: readonly { name: YamlField["section"]; title: MessageDescriptor }[] = [
  { name: "general", title: msg`General` },
  { name: "people", title: msg`People and rights` },
  { name: "limits", title: msg`Limits` },
  { name: "judging", title: msg`Judging` },
  { name: "scoring", title: msg`Scoring` },
  { name: "validation", title: msg`Validation` },
  { name: "feedback", title: msg`Feedback` },
];

const LABELS: Record<string, MessageDescriptor> = {
  problem_format_version: msg`Version of the format`,
  name: msg`Name, by language`,
  keywords: msg`Keywords`,
  languages: msg`Languages of submissions`,
  type: msg`Kind of problem`,
  author: msg`Authors`,
  source: msg`Source`,
  source_url: msg`Address of the source`,
  license: msg`License`,
  rights_owner: msg`Owner of the rights`,
  uuid: msg`Unique id`,
  version: msg`Version of the problem`,
  embargo_until: msg`Hidden until`,
  authors: msg`Authors`,
  contributors: msg`Contributors`,
  testers: msg`Testers`,
  packagers: msg`Packagers`,
  acknowledgements: msg`Acknowledgements`,
  time_limit: msg`Time limit`,
  time_multiplier: msg`Time limit, as a multiple of the slowest accepted submission`,
  time_safety_margin: msg`Safety margin of the time limit`,
  time_resolution: msg`Time limit rounded to`,
  ac_to_time_limit: msg`Least time limit, as a multiple of the slowest accepted submission`,
  time_limit_to_tle: msg`Least time of the submissions that are too slow, as a multiple of the time limit`,
  memory: msg`Memory`,
  output: msg`Output`,
  code: msg`Source code`,
  compilation_time: msg`Time to compile`,
  compilation_memory: msg`Memory to compile`,
  validation_time: msg`Time of a validator`,
  validation_memory: msg`Memory of a validator`,
  validation_output: msg`Output of a validator`,
  validation_passes: msg`Passes of a multi-pass problem`,
  time_factors: msg`Time factor, by language`,
  memory_extras: msg`Extra memory, by language`,
  allow_file_writing: msg`Submissions may write files`,
  constants: msg`Constants`,
  required_files: msg`Names that submitted files must have`,
  validation: msg`Output validator`,
  validator_flags: msg`Arguments of the output validator`,
  validator_args: msg`Arguments of validators (without effect)`,
  validator_protocol: msg`How validators are called`,
  objective: msg`The best score is the`,
  on_reject: msg`After a test that fails`,
  grading: msg`Grader`,
  grader_flags: msg`Arguments of the grader`,
  accept_score: msg`Points of an accepted test`,
  reject_score: msg`Points of a failed test`,
  range: msg`Lowest and highest score`,
  show_test_data_groups: msg`Show groups (without effect)`,
  custom_scoring: msg`Custom scoring (without effect)`,
  plastex: msg`plasTeX (without effect)`,
  libraries: msg`Libraries (without effect)`,
  score: msg`Points`,
  max_score: msg`Points`,
  aggregation: msg`Points of the group, computed from its tests`,
  score_aggregation: msg`Points of the group, computed from its tests`,
  require_pass: msg`Only after these groups have passed`,
  static_validation: msg`Check the source itself`,
  static_validation_score: msg`Points of the check of the source`,
  static_validator_args: msg`Arguments of the check of the source`,
  args: msg`Arguments of the submission`,
  input_validator_args: msg`Arguments of input validators`,
  input_validator_flags: msg`Arguments of input validators`,
  output_validator_args: msg`Arguments of the output validator`,
  output_validator_flags: msg`Arguments of the output validator`,
  input_visualizer_args: msg`Arguments of input visualizers`,
  output_visualizer_args: msg`Arguments of output visualizers`,
  full_feedback: msg`Show solvers the whole test`,
  hint: msg`Hint for those who fail it`,
  description: msg`Description, for authors`,
};

export function labelOf(field: YamlField): string {
  const label = LABELS[field.key.split(".").at(-1) ?? ""];
  return label ? i18n._(label) : field.key;
}

/** Says what may be written into a field; `undefined` where its input shows that. */
export function hintOf(field: YamlField): string | undefined {
  if (field.key === "embargo_until") return t`Such as 2026-01-31 or 2026-01-31T12:00:00Z.`;
  if (field.bounds) return t`A number ${field.bounds}.`;
  if (field.kind === "people" || (field.kind === "list" && field.choices.length === 0)) {
    const lines = t`One on each line.`;
    return field.default ? t`${lines} Empty: ${field.default}.` : lines;
  }
  return undefined;
}
