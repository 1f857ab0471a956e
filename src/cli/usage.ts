import type { Command, CommanderError } from "commander";
import { InputError } from "../errors.ts";

/** What is wrong with the arguments of a command, said as every other mistake is. */
export function usageError(command: Command, { code, message }: CommanderError): InputError {
  const name = fullName(command);
  const listed = (what: string): string => `${what} that "${name} --help" lists`;
  // Of `help` of what there is not commander says nothing but that it printed its help.
  const asked = code === "commander.help" ? command.args.at(-1) : undefined;
  const named = /'([^']*)'/.exec(message)?.[1] ?? asked ?? "none";
  const counts = /Expected (\d+ arguments?) but got (\d+)/.exec(message);
  const meant = /Did you mean ([^?]*)\?/.exec(message)?.[1];
  // What a shell makes of a pattern: the names of all files that it matches.
  const isPattern = counts !== null && command.registeredArguments.some((argument) => argument.name() === "data");
  const next = isPattern ? "name several files by one pattern in quotes, such as 'sales-*.csv'" : undefined;
  const error = (expected: string, got: string): InputError =>
    new InputError(`run ${name}`, expected, got, meant ? `did you mean ${meant}?` : next);
  switch (code) {
    case "commander.unknownOption":
      return error(listed("an option"), named);
    case "commander.unknownCommand":
    case "commander.help":
      return error(listed("a command"), named);
    case "commander.missingArgument":
      return error(`the argument <${named}>`, "none");
    case "commander.missingMandatoryOptionValue":
      return error(`the option ${named}`, "none");
    case "commander.optionMissingArgument":
      return error(`a value for ${named}`, "none");
    case "commander.excessArguments":
      return error(counts?.[1] ?? "fewer arguments", counts?.[2] ?? "more");
    default:
      return error(listed("arguments"), message.replace(/^error: /, ""));
  }
}

/** A command's name with those above it: `mixlens datasets path`. */
function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
