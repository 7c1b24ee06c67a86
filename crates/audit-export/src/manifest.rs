//! YAML fragments that several targets share: arguments, mounts, volumes, and the policy inside another document.

use std::fmt::Write;

use apiserver_config::Flag;
use apiserver_config::Settings;
use audit_policy::load;
use audit_text::quote::yaml;

/// Returns the flags as items of a YAML list.
pub(crate) fn arguments(settings: &Settings, indent: &str) -> String {
    settings
        .flags()
        .iter()
        .map(|flag| format!("{indent}- {}\n", yaml(&flag.argument())))
        .collect()
}

/// Returns `volumeMounts` of the container and `volumes` of the pod, to append after the container's first lines.
pub(crate) fn pod_volumes(settings: &Settings) -> String {
    let mounts = settings.mounts();
    let mut out = String::new();
    if mounts.is_empty() {
        return out;
    }
    out.push_str("      volumeMounts:\n");
    for mount in &mounts {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "        - name: {}\n          mountPath: {}\n          readOnly: {}\n",
            mount.name,
            yaml(&mount.path),
            mount.read_only
        );
    }
    out.push_str("  volumes:\n");
    for mount in &mounts {
        let _ = write!(
            out,
            "    - name: {}\n      hostPath:\n        path: {}\n        type: {}\n",
            mount.name,
            yaml(&mount.path),
            mount.path_type.name()
        );
    }
    out
}

/// Returns `extraArgs` as a list of names and values.
pub(crate) fn extra_args_list(flags: &[Flag], indent: &str) -> String {
    if flags.is_empty() {
        return format!("{indent}extraArgs: []\n");
    }
    let mut out = format!("{indent}extraArgs:\n");
    for flag in flags {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "{indent}  - name: {}\n{indent}    value: {}\n",
            flag.name,
            yaml(&flag.value)
        );
    }
    out
}

/// Returns `extraArgs` as a map of name to value.
pub(crate) fn extra_args_map(flags: &[Flag], indent: &str) -> String {
    if flags.is_empty() {
        return format!("{indent}extraArgs: {{}}\n");
    }
    let mut out = format!("{indent}extraArgs:\n");
    for flag in flags {
        let _ = writeln!(out, "{indent}  {}: {}", flag.name, yaml(&flag.value));
    }
    out
}

/// kubeadm's `extraVolumes`; nothing where there are none.
pub(crate) fn extra_volumes(settings: &Settings, indent: &str) -> String {
    let mounts = settings.mounts();
    let mut out = String::new();
    if !mounts.is_empty() {
        let _ = writeln!(out, "{indent}extraVolumes:");
    }
    for mount in mounts {
        let _ = write!(
            out,
            "{indent}  - name: {}\n{indent}    hostPath: {path}\n{indent}    mountPath: {path}\n{indent}    readOnly: {}\n{indent}    pathType: {}\n",
            mount.name,
            mount.read_only,
            mount.path_type.name(),
            path = yaml(&mount.path),
        );
    }
    out
}

/// Returns the policy as indented lines of another document.
pub(crate) fn embedded_policy(settings: &Settings, indent: &str) -> Result<String, String> {
    if let Some(error) = load(settings.policy.as_bytes(), settings.version).error {
        return Err(format!(
            "the server rejects the policy, so it is omitted: {error}"
        ));
    }
    let mut out = String::new();
    for (number, line) in settings.policy.lines().enumerate() {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        if line == "---" && out.is_empty() {
            continue;
        }
        let marks = line.starts_with("---") || line.starts_with("...") || line.starts_with('%');
        if marks
            || line.starts_with('\t')
            || line.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}'])
        {
            return Err(format!(
                "line {} of the policy cannot be part of another document: insert the policy by hand",
                number + 1
            ));
        }
        if line.is_empty() {
            out.push('\n');
        } else {
            let _ = writeln!(out, "{indent}{line}");
        }
    }
    Ok(out)
}

/// Returns the rules of the policy: the lines below `rules:`, without their common indentation.
pub(crate) fn policy_rules(settings: &Settings) -> Result<String, String> {
    let text = embedded_policy(settings, "")?;
    let missing = "the policy has no list below a separate line `rules:`: insert its rules by hand";
    let mut lines = text.lines().skip_while(|line| {
        line.split('#')
            .next()
            .is_none_or(|before| before.trim_end() != "rules:")
    });
    lines.next().ok_or(missing)?;
    let inner: Vec<&str> = lines
        .take_while(|line| {
            line.is_empty()
                || line.starts_with([' ', '#'])
                || line.starts_with("- ")
                || *line == "-"
        })
        .collect();
    let margin = inner
        .iter()
        .find(|line| line.trim_start().starts_with('-'))
        .map(|line| line.len() - line.trim_start().len())
        .ok_or(missing)?;
    let mut out = String::new();
    for line in inner {
        // A comment may be indented less than the list.
        let rest = line.get(margin..).filter(|_| {
            line.get(..margin)
                .is_some_and(|before| before.trim().is_empty())
        });
        out.push_str(rest.unwrap_or(line.trim_start()));
        out.push('\n');
    }
    Ok(format!("{}\n", out.trim_end()))
}
