// Judges requests and answers by Remnawave's published contract: a JSON list of
// {command, part, value} on the standard input, a JSON list of complaints on the standard output.

import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const contract = createRequire(import.meta.url)("@remnawave/backend-contract");

const judge = ({ command, part, value }) => {
  const schema = contract[command][part];
  if (schema === undefined) return [`${command} has no ${part}`];
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues.map((issue) => `${command}.${part} ${issue.path.join(".")}: ${issue.message}`);
};

const cases = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(cases.flatMap(judge)));
