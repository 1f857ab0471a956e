/** The name under which Node looks for a function that says how a value is printed. */
const inspected = Symbol.for("nodejs.util.inspect.custom");

/** Gives a value the text that `console.log` prints of it. No listing of its properties, such as JSON's, shows that. */
export function printed<Value extends object>(value: Value, text: (value: Value) => string): Value {
  return Object.defineProperty(value, inspected, { value: () => text(value), enumerable: false });
}
