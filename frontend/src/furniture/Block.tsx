import { CopyButton } from "./CopyButton";
import { LongText } from "./LongText";

/** A text as it is (input, output, a message), with its name and a way to copy it. */
export function Block({ title, text }: { title: string; text: string }) {
  return (
    <figure className="block">
      <figcaption>
        {title}
        <CopyButton text={text} what={title.toLowerCase()} />
      </figcaption>
      <LongText label={title}>{text === "" ? <span className="faint">(empty)</span> : text}</LongText>
    </figure>
  );
}
