import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ScrollablePre } from "../components/ScrollablePre";
import { formatDateTime } from "../lib/format";
import { Link } from "../lib/routing";
import { LanguageName } from "../problems/LanguageName";
import { markedParts, type Region } from "./markedParts";
import type { SideBySidePair } from "./types";

/** Both programs of a pair. A common passage has the same number on both sides. */
export function SideBySide({ pair }: { pair: SideBySidePair }) {
  return (
    <section aria-label={t`Both programs`}>
      <p className="muted">
        {pair.passages.length > 0 ? (
          <Trans>Common passages are marked; a passage has the same number on both sides.</Trans>
        ) : (
          <Trans>The common passages of this pair are too many to mark.</Trans>
        )}
      </p>
      <div className="side-by-side">
        <Side program={pair.left} regions={pair.passages.map((each) => each.left)} />
        <Side program={pair.right} regions={pair.passages.map((each) => each.right)} />
      </div>
    </section>
  );
}

function Side({ program, regions }: { program: SideBySidePair["left"]; regions: Region[] }) {
  return (
    <div>
      <h3>
        <Link to={`/submissions/${program.submission}`}>{program.member_name}</Link>{" "}
        <small className="muted">
          {program.event}, <LanguageName id={program.language} />, {formatDateTime(program.at)}
        </small>
      </h3>
      {program.source === null ? (
        <p className="muted">
          <Trans>The source of this submission was deleted.</Trans>
        </p>
      ) : (
        <ScrollablePre label={t`Program of ${program.member_name}`}>
          {markedParts(program.source, regions).map((part) =>
            part.passage === null ? (
              part.text
            ) : (
              <mark key={part.start}>
                {part.isFirst ? <sup>{part.passage + 1}</sup> : null}
                {part.text}
              </mark>
            ),
          )}
        </ScrollablePre>
      )}
    </div>
  );
}
