import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Language } from "../api/types";
import { LanguageNote } from "./LanguageNote";
import { LanguageSelect } from "./LanguageSelect";

const python: Language = {
  id: "python3",
  name: "Python 3",
  available: true,
  version: "3.11.2",
  editor_mode: "python",
  starter: "",
  note: "",
  reason: null,
  aliases: [],
  extensions: [".py"],
  time_factor: 1,
  memory_extra: 0,
};
const mono: Language = { ...python, id: "csharp", name: "C# (Mono)", note: "C# 7 at most." };

test("a language with more time says so, and its tooltip has all limits", () => {
  const limits = { time_factor: 3, time: 6, memory: 256 };
  render(<LanguageNote language={python} limits={limits} />);
  expect(screen.getByText("The time limit is multiplied by 3.")).toBeTruthy();
  render(<LanguageSelect languages={[python]} language={python} limits={limits} choose={vi.fn()} />);
  expect(screen.getByText("3.11.2").title).toBe("6 s, 256 MiB");
});

test("a language's note is shown as text and in the tooltip", () => {
  const limits = { time_factor: 1, time: 2, memory: 320 };
  render(<LanguageNote language={mono} limits={limits} />);
  expect(screen.getByText("C# 7 at most.")).toBeTruthy();
  render(<LanguageSelect languages={[mono]} language={mono} limits={limits} choose={vi.fn()} />);
  expect(screen.getByText("3.11.2").title).toBe("2 s, 320 MiB\nC# 7 at most.");
});

test("a language without peculiarities has no note", () => {
  const { container } = render(<LanguageNote language={python} limits={{ time_factor: 1, time: 2, memory: 256 }} />);
  expect(container.textContent).toBe("");
});
