import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Interaction } from "../components/Interaction";
import { TextBlock } from "../components/TextBlock";
import type { Sample } from "../api/types";

export function SampleView({ sample, number }: { sample: Sample; number: number }) {
  return (
    <section className="sample" aria-label={t`Sample ${number}`}>
      <h2>
        <Trans>Sample {number}</Trans>
      </h2>
      {sample.interaction ? (
        <Interaction text={sample.interaction} />
      ) : (
        <div className="sample-pair">
          <TextBlock title={t`Input`} text={sample.input} />
          <TextBlock title={t`Output`} text={sample.output} />
        </div>
      )}
      {sample.hint ? <p className="muted">{sample.hint}</p> : null}
    </section>
  );
}
