import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Problem } from "../api/types";
import { ProblemMetadata } from "./ProblemMetadata";

const problem = {
  slug: "a-plus-b",
  name: "A + B </script>",
  type: ["pass-fail"],
  limits: { time: 1.5, memory: 256, output: 8, code: 256 },
  keywords: [],
  samples: [{ name: "1", input: "1 2\n", output: "3\n" }],
} as unknown as Problem;

test("the page carries the problem as Competitive Companion describes one", () => {
  const { container } = render(<ProblemMetadata problem={problem} />);
  const element = container.querySelector('script[type="application/ld+json"]');
  expect(element?.innerHTML).not.toContain("<");
  const { task } = JSON.parse(element?.textContent ?? "");
  expect(task).toMatchObject({
    name: "A + B </script>",
    timeLimit: 1500,
    memoryLimit: 256,
    interactive: false,
    tests: [{ input: "1 2\n", output: "3\n" }],
    testType: "single",
    languages: { java: { mainClass: "Main", taskClass: "APlusB" } },
  });
});
