import { existsSync } from "node:fs";
import type { Command, CommanderError } from "commander";
import { slipOf } from "../errors/nearest.ts";
import { InputError, joined, quote } from "../errors.ts";

/** What is wrong with the arguments of a command, said as every other mistake is. */
export function usageError(command: Command, { code, message }: CommanderError): InputError {
  const name = fullName(command);
  const listed = (what: string): string => `${what} that "${name} --help" lists`;
  // Of `help` of what there is not commander says nothing but that it printed its help.
  const asked = code === "commander.help" ? command.args.at(-1) : undefined;
  const named = /'([^']*)'/.exec(message)?.[1] ?? asked ?? "none";
  const counts = /Expected (\d+ arguments?) but got (\d+)/.exec(message);
  const meant = /Did you mean ([^?]*)\?/.exec(message)?.[1];
  const next = counts === null ? undefined : surplus(command);
  const error = (expected: string, got: string): InputError =>
    new InputError(`run ${name}`, expected, got, meant ? `did you mean ${meant}?` : next);
  switch (code) {
    case "commander.unknownOption":
      if (existsSync(named))
        return new InputError(`run ${name}`, listed("an option"), named, `name the file ./${named}`);
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
    case "commander.invalidArgument": {
      const [, flag, value, words] =
        /option '(--[\w-]+).*' argument '(.*)' is invalid. Allowed choices are (.*)\.$/.exec(message) ?? [];
      if (words === undefined) return error(listed("arguments"), message.replace(/^error: /, ""));
      const choices = words.split(", ");
      return new InputError(`run ${name}`, `${flag} to be ${joined(choices)}`, quote(value), slipOf(value, choices));
    }
    default:
      return error(listed("arguments"), message.replace(/^error: /, ""));
  }
}

/** What may have made more arguments of a command than there are. */
function surplus({ args, registeredArguments }: Command): string | undefined {
  if (args.some((word) => /^(true|false|yes|no|on|off)$/i.test(word)))
    return "switches, such as --scale, take no value";
  // What a shell makes of a pattern: the names of all files that it matches.
  if (!registeredArguments.some((argument) => argument.name() === "data")) return undefined;
  const lists = "columns with commas and without blanks, such as x1,x2";
  return `name several files by one pattern in quotes, such as 'sales-*.csv', and ${lists}`;
}

/** A command's name with those above it: `mixlens datasets path`. */
function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
