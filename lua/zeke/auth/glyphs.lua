---Capital letters and digits, three dots wide and five high, drawn with half blocks. Pure.
local M = {}

-- Five rows from above, each three dots as an octal digit.
local DOTS = {
  A = "25755",
  B = "65656",
  C = "34443",
  D = "65556",
  E = "74647",
  F = "74644",
  G = "34553",
  H = "55755",
  I = "72227",
  J = "11152",
  K = "55655",
  L = "44447",
  M = "57755",
  N = "65555",
  O = "25552",
  P = "65644",
  Q = "25563",
  R = "65655",
  S = "34216",
  T = "72222",
  U = "55557",
  V = "55552",
  W = "55775",
  X = "55255",
  Y = "55222",
  Z = "71247",
  ["0"] = "75557",
  ["1"] = "26227",
  ["2"] = "61247",
  ["3"] = "61216",
  ["4"] = "55711",
  ["5"] = "74616",
  ["6"] = "34757",
  ["7"] = "71222",
  ["8"] = "75757",
  ["9"] = "75716",
  ["-"] = "00700",
}
local HALVES = { [0] = " ", "▀", "▄", "█" }

---@param text string
---@return string[]? rows three of them, four columns a letter; none for a letter that is not known
function M.rows(text)
  local rows = { "", "", "" }
  for letter in text:gmatch(".") do
    local dots = DOTS[letter]
    if not dots then
      return nil
    end
    for row = 1, 3 do
      local upper = tonumber(dots:sub(2 * row - 1, 2 * row - 1))
      local lower = tonumber(dots:sub(2 * row, 2 * row)) or 0
      for column = 2, 0, -1 do
        local top = math.floor(upper / 2 ^ column) % 2
        local bottom = math.floor(lower / 2 ^ column) % 2
        rows[row] = rows[row] .. HALVES[top + 2 * bottom]
      end
      rows[row] = rows[row] .. " "
    end
  end
  return rows
end

return M
