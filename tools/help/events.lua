---What Neovim hears of Zeke, as User events: name, when, and what its data hold.
---A house test compares the names with those that are sent.
return {
  { "task.started", "a task runs", "id, kind" },
  { "task.sent", "what an answer is based on is known", "id, and what was sent" },
  { "task.delta", "text of an answer", "id, text" },
  { "task.patch", "a change of a file is proposed", "id, round, file, files, path, hunks" },
  { "task.files", "files are proposed", "id, root, files" },
  { "task.apply", "a permitted change is about to be made", "id, file" },
  { "task.changed", "a file is not what the yes was for", "id, file, message" },
  { "task.settled", "a file of a change is decided", "id, file, state, hunks, message" },
  { "task.context", "what went along with a question", "id, parts" },
  { "task.done", "a task ended well", "id, kind, and its result" },
  { "task.failed", "a task ended otherwise", "id, code, message, retryable" },
  { "consent.asked", "GhostWarden asks", "prompt, and what it shows" },
  { "consent.closed", "a question is answered or gone", "prompt" },
  { "consent.changed", "grants or trust are not what they were", "" },
  { "status.changed", "tasks or questions came or went", "tasks, waiting" },
  { "cost.alert", "a cost limit is near", "period, spent, limit, percent, level" },
  { "broker.ready", "the broker is there", "version, pid, session" },
  { "broker.refused", "it does not take this Neovim", "code, message" },
  { "notice", "the broker has something to say", "level, message" },
}
