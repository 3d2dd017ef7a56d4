import type { Problem } from "../api/types";

/**
 * What programs read from the page: JSON-LD with the problem as Competitive Companion describes it, so that an
 * extension's parser needs no knowledge of these pages. Its form is in docs/reference/companion.md.
 */
export function ProblemMetadata({ problem }: { problem: Problem }) {
  const text = JSON.stringify(metadataOf(problem, `${location.origin}${location.pathname}`));
  // A "<" would end the element in the middle of a sample.
  const html = text.replace(/</g, "\\u003c");
  // biome-ignore lint/security/noDangerouslySetInnerHtml: it is JSON without "<", in an element that runs nothing.
  return <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: html }} />;
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
