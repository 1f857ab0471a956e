import { takePartHere } from "../compute/shared-tasks.ts";
import { type Job, replicateOf } from "./replicates.ts";

// The thread that computes replicates: `replicate-worker.mjs`, started by the act that wants them.
takePartHere((job: Job) => replicateOf(job));
