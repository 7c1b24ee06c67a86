-- Removes managedFields from an audit event and keeps every other byte as the server wrote it.
-- The line is edited as text, because a Lua table does not preserve empty lists and nulls.

local QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP = 34, 44, 91, 93, 123, 125

-- Fields to remove. "each" applies to every item of a list.
local OBJECT = { metadata = { managedFields = "remove" } }
local EVENT = {
  requestObject = OBJECT,
  responseObject = {
    metadata = OBJECT.metadata,
    items = { each = OBJECT },
    rows = { each = { object = OBJECT } },
  },
}

local function must(position)
  return position or error("not JSON")
end

-- Returns the position of the next character that is not white space.
local function skip_space(text, at)
  return must(text:find("%S", at))
end

-- Returns the position after the string that starts here.
local function after_string(text, at)
  repeat
    at = must(text:find('["\\]', at + 1))
    local is_end = text:byte(at) == QUOTE
    if not is_end then at = at + 1 end
  until is_end
  return at + 1
end

-- Returns the position after the value that starts here.
local function after_value(text, at)
  local byte = text:byte(at)
  if byte == QUOTE then return after_string(text, at) end
  if byte ~= OPEN_LIST and byte ~= OPEN_MAP then
    return must(text:find("[%s,%]}]", at))
  end
  local depth = 0
  repeat
    at = must(text:find('["%[%]{}]', at))
    byte = text:byte(at)
    if byte == QUOTE then
      at = after_string(text, at)
    else
      depth = depth + ((byte == OPEN_LIST or byte == OPEN_MAP) and 1 or -1)
      at = at + 1
    end
  until depth == 0
  return at
end

-- Returns the value that starts here without the fields to remove, and the position after it.
local function trimmed(text, at, fields)
  local first = text:byte(at)
  local is_map = first == OPEN_MAP and not fields.each
  if not is_map and not (first == OPEN_LIST and fields.each) then
    local after = after_value(text, at)
    return text:sub(at, after - 1), after
  end
  local close = is_map and CLOSE_MAP or CLOSE_LIST
  local kept = {}
  at = skip_space(text, at + 1)
  while text:byte(at) ~= close do
    local head, inner = "", fields.each
    if is_map then
      local colon = skip_space(text, after_string(text, at))
      local value = skip_space(text, colon + 1)
      head, at = text:sub(at, value - 1), value
      inner = fields[head:match('^"(.-)"')]
    end
    local value
    if inner == "remove" then
      at = after_value(text, at)
    elseif inner then
      value, at = trimmed(text, at, inner)
    else
      local after = after_value(text, at)
      value, at = text:sub(at, after - 1), after
    end
    if value then kept[#kept + 1] = head .. value end
    at = skip_space(text, at)
    if text:byte(at) == COMMA then at = skip_space(text, at + 1) end
  end
  return string.char(first) .. table.concat(kept, ",") .. string.char(close), at + 1
end

-- Called by Fluent Bit for each line. A line that is not JSON is not changed.
function drop_managed_fields(tag, timestamp, record)
  local line = record["log"]
  if type(line) ~= "string" or not line:find('"managedFields"', 1, true) then
    return 0, timestamp, record
  end
  local ok, event, after = pcall(trimmed, line, 1, EVENT)
  if not ok or line:find("%S", after) then
    return 0, timestamp, record
  end
  record["log"] = event
  return 2, timestamp, record
end
