import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Problem } from "../api/types";
import { TextBlock } from "../components/TextBlock";
import { ProblemMetadata } from "./ProblemMetadata";

const problem = {
  slug: "a-plus-b",
  name: "A + B </script>",
  type: ["pass-fail"],
  limits: { time: 1.5, memory: 256, output: 8, code: 256 },
  keywords: [],
  samples: [{ name: "1", input: "1 2\n", output: "3\n" }],
} as unknown as Problem;

test("the page has the markup that the extension's parser for Kattis reads", () => {
  const { container } = render(<ProblemMetadata problem={problem} />);
  const limits = container.querySelector(".metadata-grid");
  expect((limits as HTMLElement).hidden).toBe(true);
  expect(/([0-9.]+) second/.exec(limits?.textContent ?? "")?.[1]).toBe("1.5");
  expect(/(\d+) MB/.exec(limits?.textContent ?? "")?.[1]).toBe("256");
  expect(container.querySelector("h2")).toBeNull();
  const asked = { ...problem, type: ["pass-fail", "interactive"] } as Problem;
  const { container: other } = render(<ProblemMetadata problem={asked} />);
  expect(other.querySelector("h2")?.textContent).toBe("Interaction");
});

test("an empty sample has no text", () => {
  const { container } = render(<TextBlock title="Input" text="" />);
  expect(container.querySelector("pre")?.textContent).toBe("");
  expect(container.querySelector("pre")?.dataset.empty).toBe("(empty)");
});

test("the page has the problem in the form of Competitive Companion", () => {
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
