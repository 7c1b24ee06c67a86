-- Cuts managedFields out of an audit event and leaves every other byte as the server wrote it.
-- The line is edited as text: an empty list or a null would not come back from a Lua table as it was.

local QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP = 34, 44, 91, 93, 123, 125

-- Where they lie. Under "each" stands what holds for every item of a list.
local OBJECT = { metadata = { managedFields = "cut" } }
local EVENT = {
  requestObject = OBJECT,
  responseObject = {
    metadata = OBJECT.metadata,
    items = { each = OBJECT },
    rows = { each = { object = OBJECT } },
  },
}

local function must(place)
  return place or error("not JSON")
end

-- The place of the next character that is no white space.
local function solid(text, at)
  return must(text:find("%S", at))
end

-- The place behind a string that begins here.
local function behind_string(text, at)
  repeat
    at = must(text:find('["\\]', at + 1))
    local is_end = text:byte(at) == QUOTE
    if not is_end then at = at + 1 end
  until is_end
  return at + 1
end

-- The place behind a value that begins here.
local function behind(text, at)
  local byte = text:byte(at)
  if byte == QUOTE then return behind_string(text, at) end
  if byte ~= OPEN_LIST and byte ~= OPEN_MAP then
    return must(text:find("[%s,%]}]", at))
  end
  local depth = 0
  repeat
    at = must(text:find('["%[%]{}]', at))
    byte = text:byte(at)
    if byte == QUOTE then
      at = behind_string(text, at)
    else
      depth = depth + ((byte == OPEN_LIST or byte == OPEN_MAP) and 1 or -1)
      at = at + 1
    end
  until depth == 0
  return at
end

-- A value that begins here without what is to be cut, and the place behind it.
local function trimmed(text, at, cuts)
  local first = text:byte(at)
  local is_map = first == OPEN_MAP and not cuts.each
  if not is_map and not (first == OPEN_LIST and cuts.each) then
    local after = behind(text, at)
    return text:sub(at, after - 1), after
  end
  local close = is_map and CLOSE_MAP or CLOSE_LIST
  local kept = {}
  at = solid(text, at + 1)
  while text:byte(at) ~= close do
    local head, inner = "", cuts.each
    if is_map then
      local colon = solid(text, behind_string(text, at))
      local value = solid(text, colon + 1)
      head, at = text:sub(at, value - 1), value
      inner = cuts[head:match('^"(.-)"')]
    end
    local value
    if inner == "cut" then
      at = behind(text, at)
    elseif inner then
      value, at = trimmed(text, at, inner)
    else
      local after = behind(text, at)
      value, at = text:sub(at, after - 1), after
    end
    if value then kept[#kept + 1] = head .. value end
    at = solid(text, at)
    if text:byte(at) == COMMA then at = solid(text, at + 1) end
  end
  return string.char(first) .. table.concat(kept, ",") .. string.char(close), at + 1
end

-- What Fluent Bit calls for each line. A line that is no JSON is left alone.
function drop_managed_fields(tag, timestamp, record)
  local line = record["log"]
  if type(line) ~= "string" or not line:find('"managedFields"', 1, true) then
    return 0, timestamp, record
  end
  local well, event, after = pcall(trimmed, line, 1, EVENT)
  if not well or line:find("%S", after) then
    return 0, timestamp, record
  end
  record["log"] = event
  return 2, timestamp, record
end
