-- For the filter `lua` of Fluent Bit: `script` is this file, `call` is `audit_policy`. The records are audit events.

-- What the policy lists, and its conditions.
local P = {}

local function has(set, value)
  return value ~= nil and set[value] == true
end

local function has_any(set, list)
  for _, item in ipairs(list) do
    if set[item] then return true end
  end
  return false
end

local function starts_with_any(starts, text)
  for _, start in ipairs(starts) do
    if string.sub(text, 1, #start) == start then return true end
  end
  return false
end

local function before_question_mark(text)
  return (string.match(text, "^[^?]*"))
end

local function after_question_mark(text)
  return string.match(text, "^[^?]*%?(.*)$") or ""
end

local function segments(path)
  local first = string.find(path, "[^/]")
  if not first then return { "" } end
  local list = {}
  for segment in string.gmatch(string.match(path, "^.*[^/]", first) .. "/", "([^/]*)/") do
    list[#list + 1] = segment
  end
  return list
end

local function decoded(path)
  return (string.gsub(path, "%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- For the first byte of a character: how many follow, and between which bytes the second one is.
local function of_first_byte(byte)
  if byte < 0x80 then return 0, 0x80, 0xBF end
  if byte >= 0xC2 and byte <= 0xDF then return 1, 0x80, 0xBF end
  if byte == 0xE0 then return 2, 0xA0, 0xBF end
  if byte == 0xED then return 2, 0x80, 0x9F end
  if byte >= 0xE1 and byte <= 0xEF then return 2, 0x80, 0xBF end
  if byte == 0xF0 then return 3, 0x90, 0xBF end
  if byte >= 0xF1 and byte <= 0xF3 then return 3, 0x80, 0xBF end
  if byte == 0xF4 then return 3, 0x80, 0x8F end
  return nil
end

-- Whether the percent-escapes are those of valid UTF-8.
local function is_decodable(path)
  local at = string.find(path, "%", 1, true)
  while at do
    local digits = string.match(path, "^%%(%x%x)", at)
    local count, least, most = of_first_byte(digits and tonumber(digits, 16) or 0xFF)
    if not count then return false end
    at = at + 3
    for _ = 1, count do
      digits = string.match(path, "^%%(%x%x)", at)
      local byte = digits and tonumber(digits, 16) or 0
      if byte < least or byte > most then return false end
      least, most, at = 0x80, 0xBF, at + 3
    end
    at = string.find(path, "%", at, true)
  end
  return true
end

-- Whether escapes may stand for a letter or a dot.
local function hides_letters(query)
  return string.find(query, "%%[4-7]") ~= nil or string.find(query, "%%2[Ee]") ~= nil
end

local WORDS = { allowWatchBookmarks = true, resourceVersion = true, resourceVersionMatch = true, sendInitialEvents = true, timeout = true, watch = true }

-- Whether a parameter is always valid.
local function is_usual(parameter)
  local name, value = string.match(parameter, "^(%a+)=(.*)$")
  if name == "limit" or name == "timeoutSeconds" then
    return #value <= 18 and string.find(value, "^[0-9]+$") ~= nil
  end
  return WORDS[name or ""] == true and string.find(value, "^[0-9A-Za-z.]*$") ~= nil
end

local SAFE = "^[0-9A-Za-z:_~.-]*$"

-- Whether a term is an equality of another field.
local function is_other(term)
  local field, value = string.match(term, "^([%a.]+)==?(.*)$")
  if not field or not string.find(value, SAFE) then return false end
  local start = string.match(field, "^(%a+)%.%a+$")
  return field == "metadata.namespace" or start == "involvedObject" or start == "spec" or start == "status"
end

-- The term about the name in a query of usual parameters with one field selector; nil in other queries.
local function name_term(query)
  if string.find(query, "/", 1, true) then return nil end
  local selector
  for parameter in string.gmatch(query .. "&", "([^&]*)&") do
    local value = string.match(parameter, "^fieldSelector=(.*)$")
    if value and selector then return nil end
    if value then selector = value elseif not is_usual(parameter) then return nil end
  end
  if not selector then return nil end
  local unescaped = selector
  for escape, character in pairs({ ["%%2[Cc]"] = ",", ["%%3[Dd]"] = "=", ["%%21"] = "!", ["%%2[Ff]"] = "/" }) do
    unescaped = string.gsub(unescaped, escape, character)
  end
  local found
  for term in string.gmatch(unescaped .. ",", "([^,]*),") do
    local name = string.match(term, "^metadata%.name([=!].*)$")
    if name and found then return nil end
    if name then found = name elseif not is_other(term) then return nil end
  end
  return found
end

-- The name that a query selects an object by, or the empty text.
local function selected_name(query)
  local value = string.match(name_term(query) or "", "^==?(.*)$") or ""
  return string.find(value, SAFE) and value or ""
end

-- Whether a query mentions the name and selects none.
local function selects_no_name(query)
  local term = name_term(query)
  if not term then return false end
  local unequal = string.match(term, "^!=(.*)$")
  if unequal then return string.find(unequal, SAFE) ~= nil end
  local value = string.match(term, "^==?(.*)$")
  if not value then return false end
  return value == "" or string.find(value, "/", 1, true) ~= nil and string.find(value, "^[0-9A-Za-z:_~./-]*$") ~= nil
end

local function text_of(value)
  return type(value) == "string" and value or ""
end

-- The fields that the policy is applied to.
local function fields(record)
  local user = record.user
  -- An empty list cannot be told from an empty object, which failed authentications have.
  local is_object = type(user) == "table" and user[1] == nil
  local known = is_object and type(record.verb) == "string" and type(record.requestURI) == "string"
  local groups = {}
  if is_object and type(user.groups) == "table" then
    for key, group in pairs(user.groups) do
      if type(key) == "number" and type(group) == "string" then groups[#groups + 1] = group end
    end
  end
  local name
  if is_object and type(user.username) == "string" then name = user.username elseif #groups > 0 then name = "" end
  return {
    readable = known,
    verb = text_of(record.verb),
    uri = text_of(record.requestURI),
    stage = text_of(record.stage),
    user_groups = groups,
    user_name = name,
  }
end
