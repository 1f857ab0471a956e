// What the thread that draws loads, built as one file: happy-dom is six hundred, and to find and read them takes longer than
// a picture.

export { encode } from "fast-png";
export { Window } from "happy-dom";
