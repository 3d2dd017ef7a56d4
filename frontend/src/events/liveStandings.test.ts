import { expect, test } from "vitest";
import { applyMessage } from "./liveStandings";
import type { Standings, StandingsRow } from "./types";

function row(member: string, points = 0): StandingsRow {
  const cells: StandingsRow["cells"] = [];
  return {
    member,
    name: member,
    affiliation: null,
    category: "official",
    rank: 1,
    solved: 0,
    points,
    penalty_seconds: 0,
    cells,
  };
}

const before: Standings = {
  version: "1.1",
  scoring: "icpc",
  frozen: false,
  phase: "running",
  now: "2026-11-29T09:00:00.000Z",
  problems: [],
  rows: [row("ada"), row("bob")],
};

test("changed rows replace the earlier rows, in the new order", () => {
  const after = applyMessage(before, { whole: false, version: "1.2", rows: [row("bob", 1)], order: ["bob", "ada"] });
  expect(after?.rows.map((each) => [each.member, each.points])).toEqual([
    ["bob", 1],
    ["ada", 0],
  ]);
  expect(after?.phase).toBe("running");
});

test("a message with the whole standings replaces everything", () => {
  const after = applyMessage(before, { whole: true, version: "2.2", problems: [], rows: [row("eve")] });
  expect(after?.rows.map((each) => each.member)).toEqual(["eve"]);
});

test("after a change that names an unknown member the whole standings are asked for", () => {
  expect(applyMessage(before, { whole: false, version: "1.3", rows: [], order: ["eve"] })).toBeNull();
  expect(applyMessage(undefined, { whole: false, version: "1.3", rows: [], order: [] })).toBeNull();
});
