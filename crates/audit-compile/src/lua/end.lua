-- Keeps the events that kube-apiserver would have written, and those whose outcome is not known.
function audit_policy(_, _, record)
  local _, _, outcome = audit_verdict(record)
  if outcome == "written" or outcome == "unknowable" then return 0 end
  return -1
end
