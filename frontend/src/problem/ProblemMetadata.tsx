import type { Problem } from "../api/types";

/**
 * Describes the problem to programs that read the page. One form is JSON-LD with the problem as Competitive
 * Companion describes it. The other is the markup that the published extension reads by its parser for Kattis:
 * the heading, the class "sample", and limits in English in an element of the class "metadata-grid".
 * See docs/reference/companion.md.
 */
export function ProblemMetadata({ problem }: { problem: Problem }) {
  const text = JSON.stringify(metadataOf(problem, `${location.origin}${location.pathname}`));
  // A "<" in a sample could begin the tag that ends the element.
  const html = text.replace(/</g, "\\u003c");
  // biome-ignore lint/security/noDangerouslySetInnerHtml: it is JSON without "<", in an element that runs nothing.
  const script = <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: html }} />;
  return (
    <>
      {script}
      <div className="metadata-grid" translate="no" hidden>
        {limitsOf(problem)}
        {problem.type.includes("interactive") ? <h2>{INTERACTION}</h2> : null}
      </div>
    </>
  );
}

const INTERACTION = "Interaction";

function limitsOf(problem: Problem): string {
  return `${problem.limits.time ?? 1} seconds, ${problem.limits.memory} MB`;
}

export function metadataOf(problem: Problem, url: string) {
  return {
    "@context": "https://schema.org",
    "@type": "LearningResource",
    name: problem.name,
    url,
    identifier: problem.slug,
    keywords: problem.keywords,
    task: {
      name: problem.name,
      group: "Gavel",
      url,
      interactive: problem.type.includes("interactive"),
      memoryLimit: problem.limits.memory,
      timeLimit: Math.round((problem.limits.time ?? 1) * 1000),
      tests: problem.samples.map((sample) => ({ input: sample.input, output: sample.output })),
      testType: "single",
      input: { type: "stdin" },
      output: { type: "stdout" },
      languages: { java: { mainClass: "Main", taskClass: taskClass(problem.slug) } },
      batch: { id: url, size: 1 },
    },
  };
}

/** A Java class of the problem's name, as the extension makes one. */
function taskClass(slug: string): string {
  const name = slug.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
  return /^[A-Z]/.test(name) ? name : "T".concat(name);
}
