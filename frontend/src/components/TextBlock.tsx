import { t } from "@lingui/core/macro";
import { CopyButton } from "./CopyButton";
import { ScrollablePre } from "./ScrollablePre";

/** A titled, preformatted text (input, output, a message) with a copy button. */
export function TextBlock({ title, text }: { title: string; text: string }) {
  return (
    <figure className="text-block">
      <figcaption>
        {title}
        <CopyButton text={text} subject={title.toLowerCase()} />
      </figcaption>
      <ScrollablePre label={title} empty={t`(empty)`}>
        {text}
      </ScrollablePre>
    </figure>
  );
}
