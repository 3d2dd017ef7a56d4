import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { show } from "../testing/show";
import { type Edit, type Edits, withEdit } from "./edits";
import { FileEditor } from "./FileEditor";
import { TestEditor } from "./TestEditor";
import type { AuthoredProblem, YamlField, YamlValue } from "./types";
import { YamlFieldInput } from "./YamlFieldInput";

const PROBLEM = { slug: "sum", newest: "a".repeat(64) } as AuthoredProblem;
const nothing = () => {};

beforeEach(() => {
  vi.stubGlobal("fetch", async () => new Response("1 2\n"));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function OneFile() {
  const [edit, setEdit] = useState<Edit | undefined>();
  return (
    <FileEditor
      problem={PROBLEM}
      path="statement/problem.md"
      isStored
      edit={edit}
      change={setEdit}
      rename={nothing}
      remove={nothing}
      taken={[]}
    />
  );
}

function OneTest() {
  const [edits, setEdits] = useState<Edits>(new Map());
  const files = ["data/secret/1.in", "data/secret/1.ans"];
  const one = { name: "1", files, hasAnswer: true };
  return (
    <TestEditor
      problem={PROBLEM}
      group={{ folder: "data/secret", tests: [one], settings: null }}
      test={one}
      edits={edits}
      edit={(path, change) => setEdits((before) => withEdit(before, path, change))}
      paths={files}
    />
  );
}

/** Gives the field another value, as when the server has answered. */
let store: (value: YamlValue) => void = nothing;

function StoredField({ field, set }: { field: YamlField; set: (value: YamlValue) => void }) {
  const [value, setValue] = useState(field.value);
  store = setValue;
  return <YamlFieldInput field={{ ...field, value }} fault={undefined} set={set} />;
}

test.each([
  ["a file", <OneFile key="file" />, "Content of statement/problem.md"],
  ["a test's input", <OneTest key="test" />, "Input of 1"],
])("typing into %s goes on after its first character", async (_, editor, label) => {
  show(editor);
  const field = (await screen.findByLabelText(label)) as HTMLTextAreaElement;
  field.focus();
  await userEvent.keyboard("abc");
  expect(document.activeElement).toBe(screen.getByLabelText(label));
  expect((screen.getByLabelText(label) as HTMLTextAreaElement).value).toContain("abc");
});

test("a new entry counts as soon as its name and value are typed, also without a press of Add", async () => {
  const set = vi.fn();
  const field = { key: "time_factors", section: "limits", kind: "numbers", choices: [], value: { java: "2" } };
  show(<YamlFieldInput field={field as unknown as YamlField} fault={undefined} set={set} />);
  await userEvent.type(screen.getByLabelText("Name of a new entry of time_factors"), "python3");
  expect(set).not.toHaveBeenCalled();
  await userEvent.type(screen.getByLabelText("Value of a new entry of time_factors"), "3");
  await userEvent.tab();
  expect(set).toHaveBeenCalledExactlyOnceWith({ java: "2", python3: "3" });
});

test("what is typed while an earlier value is being stored stays", async () => {
  const set = vi.fn();
  const field = { key: "license", section: "people", kind: "text", choices: [], value: "mit" };
  show(<StoredField field={field as unknown as YamlField} set={set} />);
  const input = screen.getByRole("textbox") as HTMLInputElement;
  await userEvent.type(input, " or gpl");
  await userEvent.tab();
  expect(set).toHaveBeenLastCalledWith("mit or gpl");
  await userEvent.type(input, " or bsd");
  act(() => store("mit or gpl"));
  expect(input.value).toBe("mit or gpl or bsd");
  await userEvent.tab();
  expect(set).toHaveBeenLastCalledWith("mit or gpl or bsd");
  act(() => store("mit or gpl or bsd"));
  act(() => store("cc0"));
  expect(input.value).toBe("cc0");
});

test("a choice stays while the file has only an earlier choice", async () => {
  const field = { key: "full_feedback", section: "feedback", kind: "flag", choices: [], value: null };
  show(<StoredField field={field as unknown as YamlField} set={nothing} />);
  const input = screen.getByRole("combobox") as HTMLSelectElement;
  await userEvent.selectOptions(input, "true");
  await userEvent.selectOptions(input, "false");
  act(() => store(true));
  expect(input.value).toBe("false");
  act(() => store(false));
  expect(input.value).toBe("false");
});
