---Keys that are there only while there is something to use them on: what they do, and which they
---are when nothing is said. Also the source of the table in the help.
---@class zeke.Key
---@field [1] string action
---@field [2] string default
---@field [3] string doc

return {
  ---In normal mode, in a buffer that holds a proposed change.
  ---@type zeke.Key[]
  review = {
    { "next_hunk", "]h", "go to the next change" },
    { "previous_hunk", "[h", "go to the one before" },
    { "accept_hunk", "gha", "take the change under the cursor" },
    { "reject_hunk", "ghr", "leave it" },
    { "undecide_hunk", "ghu", "think again about it" },
    { "accept", "ga", "take what is undecided in this file" },
    { "reject", "gR", "leave what is undecided in this file" },
    { "reject_why", "ghw", "leave it and say why; the model tries again" },
    { "accept_all", "ghA", "take what is undecided in all files" },
    { "reject_all", "ghR", "leave what is undecided in all files" },
  },
  ---In insert mode, where suggestions are on.
  ---@type zeke.Key[]
  complete = {
    { "complete_accept", "<Tab>", "take the suggestion" },
    { "complete_word", "<M-w>", "take its next word" },
    { "complete_line", "<M-l>", "take its next line" },
    { "complete_next", "<M-]>", "show another one" },
    { "complete_previous", "<M-[>", "show the one before" },
    { "complete_dismiss", "<C-]>", "take it away" },
  },
}
