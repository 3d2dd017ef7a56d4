import { expect, test } from "vitest";
import { errorText, fieldName, fieldText, namesByLabel } from "./errorTexts";
import { ApiError } from "./ApiError";

const refusal = (type: string, detail: string, status = 422) => errorText({ type: `/errors/${type}`, detail, status });

async function unauthorized(path: string, detail: string): Promise<ApiError> {
  const body = JSON.stringify({ type: "/errors/unauthorized", detail });
  return ApiError.read(new Response(body, { status: 401 }), path);
}

test("the error of an ended session says that the session has ended, and names no header", async () => {
  const error = await unauthorized("/runs", "send your API key as 'Authorization: Bearer <key>', or sign in");
  expect(error.message).toBe("You are not signed in any more. Sign in again to go on.");
  expect(error.needsSignIn).toBe(true);
});

test("a refused sign-in says why it was refused", async () => {
  const error = await unauthorized("/session", "name or password is wrong");
  expect([error.message, error.needsSignIn]).toEqual(["Name or password is wrong.", false]);
  expect(refusal("account-disabled", "this account is disabled: ask an administrator", 401)).toContain(
    "This account is disabled.",
  );
});

test.each([
  ["forbidden", "a change by session needs the header X-CSRF-Token: GET /session answers with its value", 403],
  ["unknown-problem", "there is no problem 'x'; GET /problems lists them", 422],
])("%s: no page shows a sentence for programs", (type, detail, status) => {
  expect(refusal(type, detail, status)).not.toMatch(/CSRF|GET|header/);
});

test("only a refusal because of the session's token says that the page was open for too long", () => {
  const token = "a change by session needs the header X-CSRF-Token: GET /session answers with its value";
  expect(refusal("forbidden", token, 403)).toBe("This page was open for too long. Reload it and try again.");
  expect(refusal("forbidden", "use the event, as in POST /submissions", 403)).not.toContain("too long");
});

test("a sentence of the server is shown with a capital letter and a full stop", () => {
  expect(refusal("conflict", "the name 'ada' is taken")).toBe("The name 'ada' is taken.");
});

test.each([
  [{ code: "too-short", bound: 10 }, "At least 10 characters."],
  [{ code: "too-short", bound: 1 }, "This must not be empty."],
  [{ code: "too-few", bound: 1 }, "Give at least one entry."],
  [{ code: "wrong-characters" }, "Use only letters, digits, dots, @, - and _. Begin with a letter or digit."],
  [{}, "Is not what it should be."],
])("the error of a wrong field says what is allowed: %o", (fault, words) => {
  expect(fieldText({ field: "name", message: "is not what it should be", ...fault })).toBe(words);
});

test("an error names a field as its form does", () => {
  expect(fieldName("new_password")).toBe("New password");
  expect(fieldName("files.0.name")).toBe("The files");
  expect(fieldName("problem.yaml")).toBe("problem.yaml");
});

test("an error names a field by its label in the form, also for one item of a list", () => {
  const nameOf = namesByLabel({ "rules.late": "Late submissions", deployments: "Deployment ids" });
  expect(nameOf("rules.late.1.minutes")).toBe("Late submissions");
  expect(nameOf("deployments.0")).toBe("Deployment ids");
  expect(nameOf("name")).toBe("Name");
});

test("an error with fields does not repeat them in its own message", async () => {
  const body = {
    type: "/errors/invalid",
    detail: "password: must have at least 10 characters",
    errors: [{ field: "password", message: "must have at least 10 characters", code: "too-short", bound: 10 }],
  };
  const error = await ApiError.read(new Response(JSON.stringify(body), { status: 422 }), "/accounts");
  expect(error.message).toBe("Something here needs a change.");
  expect(error.fieldMessage("password")).toBe("At least 10 characters.");
});
